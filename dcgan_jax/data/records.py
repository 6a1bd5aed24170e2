"""What is known of one image on its way from a raw file to a prepared set."""

from dataclasses import dataclass

import numpy as np

# What prepare knows how to read.
KINDS = ("fer2013", "ckplus", "celeba", "faces", "folder", "synthetic")
Shape = tuple[int, int, int]
"""Of one image: height, width, channels."""
# As FER-2013 and CK+48 are published; the synthetic faces have it too.
FACE_SHAPE: Shape = (48, 48, 1)
# In order of precedence: an image found in two splits belongs to the earlier one.
SPLITS = ("train", "validation", "test")
UNLABELLED = -1


@dataclass(frozen=True, slots=True)
class Face:
  """A decoded image and what its source says about it.

  Attributes:
    source: file name inside the source, or "row N".
    image: uint8 [height, width, channels], the same shape throughout a set.
    label: index into the source's class names, or UNLABELLED.
    split: one of SPLITS.
    subject: the person shown, '' where unknown.
    action_units: float32 [A] for a rendered face, else None.
  """

  source: str
  image: np.ndarray
  label: int
  split: str
  subject: str = ""
  action_units: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Record:
  """A Face whose pixels lie in a spool file; `digest` stands for them in comparisons."""

  source: str
  label: int
  split: str
  subject: str
  action_units: np.ndarray | None
  position: int
  digest: bytes
  constant: bool


@dataclass(frozen=True, slots=True)
class Skipped:
  """An item that could not be used, and why."""

  item: str
  reason: str


class UnsuitableError(Exception):
  """A picture that can be read and has no place in the set; the text is the reason.

  No mistake of anybody's: such pictures are left out and counted by reason, so equal reasons have
  equal texts.
  """
