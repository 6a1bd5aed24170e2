import io

import numpy as np
import pytest
from PIL import Image

from dcgan_jax.data import celeba_tfds
from dcgan_jax.data.decode import decode_image
from dcgan_jax.data.quiet_tfds import tfds
from dcgan_jax.errors import UserError

SHAPE = (64, 64, 3)
COUNTS = {"train": 3, "validation": 2, "test": 1}


def jpeg(seed):
  pixels = np.random.default_rng(seed).integers(0, 256, (6, 5, 3), dtype=np.uint8)
  buffer = io.BytesIO()
  Image.fromarray(pixels).resize((178, 218)).save(buffer, "JPEG")
  return buffer.getvalue()


class FakeCelebA(tfds.core.GeneratorBasedBuilder, skip_registration=True):
  """What TFDS's own builder writes, as far as it is read here."""

  name = "celeb_a"
  VERSION = tfds.core.Version("2.1.0")
  code_path = None

  def _info(self):
    image = tfds.features.Image(shape=(218, 178, 3), encoding_format="jpeg")
    identity = {"Identity_No": np.int64}
    return tfds.core.DatasetInfo(
      builder=self, features=tfds.features.FeaturesDict({"image": image, "identity": identity})
    )

  def _split_generators(self, dl_manager):
    return {split: self._generate_examples(split) for split in COUNTS}

  def _generate_examples(self, split):
    for index in range(COUNTS[split]):
      yield f"{split}{index}.jpg", {"image": jpeg(index), "identity": {"Identity_No": index}}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
  root = tmp_path_factory.mktemp("tensorflow_datasets")
  FakeCelebA(data_dir=str(root)).download_and_prepare()
  return root


@pytest.fixture
def folder(root, monkeypatch):
  monkeypatch.setenv("TFDS_DATA_DIR", str(root))
  return celeba_tfds.prepared_folder()


def test_it_is_found_in_tfdss_data_directory(root, folder):
  assert folder == root / "celeb_a" / "2.1.0"


def test_the_newest_is_taken_and_no_unfinished_one(tmp_path, monkeypatch):
  for version in ("2.1.0", "2.10.0", "incomplete.ABC_3.0.0"):
    (tmp_path / "celeb_a" / version).mkdir(parents=True)
    (tmp_path / "celeb_a" / version / "dataset_info.json").touch()
  monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
  assert celeba_tfds.prepared_folder().name == "2.10.0"


def test_what_is_not_there_says_how_to_get_it(tmp_path, monkeypatch):
  monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
  with pytest.raises(UserError) as caught:
    celeba_tfds.prepared_folder()
  message = str(caught.value)
  assert message.startswith(f"celeb_a is not prepared in {tmp_path}.\n")
  for way in ("tfds build celeb_a", "TFDS_DATA_DIR=PATH", "--source=img_align_celeba.zip"):
    assert way in message


def test_its_pictures_are_what_their_files_would_be(folder):
  source = celeba_tfds.open_tfds(folder, SHAPE)
  faces = [read() for _, read in source.items]
  assert source.total == len(faces) == 6
  assert not source.by_name
  assert source.class_names == ()
  assert [(face.split, face.label) for face in faces] == [
    (split, -1) for split, count in COUNTS.items() for _ in range(count)
  ]
  assert [face.source for face in faces[2:5]] == [
    "train example 2",
    "validation example 0",
    "validation example 1",
  ]
  # TFDS shuffles a split once, by the hash of the names.
  expected = sorted(decode_image(jpeg(seed), SHAPE).tobytes() for seed in range(3))
  assert sorted(face.image.tobytes() for face in faces[:3]) == expected


def test_a_damaged_one_is_told(folder):
  (file,) = folder.glob("*validation*")
  whole = file.read_bytes()
  file.write_bytes(whole[: len(whole) // 2])
  try:
    with pytest.raises(UserError, match=r"celeb_a.*: cannot be read to its end: "):
      list(celeba_tfds.open_tfds(folder, SHAPE).items)
  finally:
    file.write_bytes(whole)
