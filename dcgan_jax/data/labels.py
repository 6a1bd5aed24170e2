"""What folder and file names say: the emotion, the split, the subject."""

import re
from dataclasses import dataclass

from dcgan_jax.data.decode import ItemError
from dcgan_jax.data.records import UNLABELLED

# Each tuple is in the order of its CSV's label numbers, which folder copies follow too.
FER_CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
CKPLUS_CSV_CLASSES = (
  "anger",
  "disgust",
  "fear",
  "happiness",
  "sadness",
  "surprise",
  "neutral",
  "contempt",
)
# The CK+48 folder has no numbers of its own: its folders in name order.
CKPLUS_FOLDER_CLASSES = ("anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise")

# One row an emotion; a folder named by any word of a row holds that emotion.
_SPELLINGS = (
  ("angry", "anger"),
  ("disgust", "disgusted"),
  ("fear", "fearful", "afraid", "scared"),
  ("happy", "happiness", "joy"),
  ("sad", "sadness"),
  ("surprise", "surprised"),
  ("neutral", "neutrality"),
  ("contempt", "contemptuous"),
)
_EMOTION_OF = {word: row[0] for row in _SPELLINGS for word in row}

_SPLIT_OF = {
  "train": "train",
  "training": "train",
  "validation": "validation",
  "valid": "validation",
  "val": "validation",
  "publictest": "validation",
  "test": "test",
  "testing": "test",
  "privatetest": "test",
}
USAGE_SPLITS = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}


@dataclass(frozen=True, slots=True)
class Place:
  """What a path says: split ('train' where it names none), label, and the folders above both."""

  split: str
  label: int
  above: str = ""
  below: str = ""


def split_named(folder: str) -> str | None:
  """The split a folder's name stands for, or None."""
  return _SPLIT_OF.get(re.sub(r"[\s_-]", "", folder.lower()))


def emotion_named(folder: str, classes: tuple[str, ...]) -> int | None:
  """The label whose emotion a folder's name spells, or None."""
  emotion = _EMOTION_OF.get(folder.strip().lower())
  spelt = [_EMOTION_OF[name] for name in classes]
  return spelt.index(emotion) if emotion in spelt else None


def place_of(name: str, classes: tuple[str, ...]) -> Place | None:
  """Reads `…/train/angry/…/x.jpg`; None when no folder names one of the classes.

  The innermost folder that names an emotion counts, and the innermost above it that names a split.
  """
  folders = name.split("/")[:-1]
  for at in reversed(range(len(folders))):
    label = emotion_named(folders[at], classes)
    if label is None:
      continue
    for above in reversed(range(at)):
      if split := split_named(folders[above]):
        top = "/".join(folders[:above])
        return Place(split, label, top, name.removeprefix(top + "/"))
    top = "/".join(folders[:at])
    return Place("train", label, top, name.removeprefix(top + "/"))
  return None


def no_emotion_folder(name: str, classes: tuple[str, ...]) -> ItemError:
  """The complaint about an image whose folders name none of the classes."""
  folder = name.rpartition("/")[0].rpartition("/")[2]
  where = f"folder {folder!r} names no emotion" if folder else "it lies in no emotion folder"
  return ItemError(f"{where}; expected one of {', '.join(classes)}")


def subject_of(name: str) -> str:
  """CK+'s subject: `S010_004_00000017.png` shows S010; '' for another kind of name."""
  match = re.match(r"(S\d+)_", name.rpartition("/")[2])
  return match[1] if match else ""


def common_top(names: list[str]) -> str:
  """The folders that every name lies in, with a closing slash, up to one that names a split.

  A folder that holds everything distinguishes nothing, so it is no class; archives usually have
  such a top folder.
  """
  shared: list[str] = []
  for level in zip(*(name.split("/")[:-1] for name in names), strict=False):
    if len(set(level)) > 1 or split_named(level[0]):
      break
    shared.append(level[0])
  return "".join(folder + "/" for folder in shared)


def class_folder(name: str, top: str) -> tuple[str, str | None]:
  """(split, class folder or None) of a file in an arbitrary folder of images, below `top`."""
  folders = name.removeprefix(top).split("/")[:-1]
  split = split_named(folders[0]) if folders else None
  if split:
    folders = folders[1:]
  return split or "train", folders[0] if folders else None


def label_in(classes: tuple[str, ...], folder: str | None) -> int:
  """The label of a class folder, UNLABELLED for None."""
  return UNLABELLED if folder is None else classes.index(folder)
