"""Whatever a file holds, a reader returns what it promises or raises the error that it promises."""

import contextlib
import io
import json
import tarfile
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from dcgan_jax import config as configs
from dcgan_jax.config_files import reference
from dcgan_jax.data import archives, csv_rows
from dcgan_jax.data.decode import ItemError, decode_image
from dcgan_jax.data.records import Face
from dcgan_jax.errors import UserError
from dcgan_jax.evaluation.protocol import Score
from dcgan_jax.evaluation.results import Results
from dcgan_jax.metrics.torch_pickle import read_state_dict
from dcgan_jax.tracking import JsonLines

from ..metrics.test_torch_pickle import legacy_file, state_dict, zip_file
from .mutations import mutations

# The same examples each time; a folder of the test's is reused by them.
any_time = settings(
  derandomize=True,
  deadline=None,
  max_examples=150,
  suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@contextlib.contextmanager
def saying(words):
  """Lets a mistake pass whose message has these words."""
  try:
    yield
  except UserError as error:
    if words not in str(error):
      raise


_ROW = b"3," + b" ".join(b"%d" % (i % 256) for i in range(48 * 48)) + b",Training\n"
_CSV = b"emotion,pixels,Usage\n" + _ROW + b'"0","1 2",PublicTest\n' + _ROW


@any_time
@given(mutations([_CSV, _CSV.decode().encode("utf-16"), b"\xef\xbb\xbf" + _CSV]))
def test_a_csv_gives_faces_or_says_why_not(content):
  with saying("fer.csv"):
    columns, rows = csv_rows.read_rows(io.BytesIO(content), "fer.csv")
    for row in rows:
      try:
        face = csv_rows.face_of(row, columns, 7)
      except ItemError:
        continue
      assert isinstance(face, Face)
      assert face.image.shape == (48, 48, 1)
      assert 0 <= face.label < 7


def _pictures():
  gray = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8))
  files = []
  for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"):
    file = io.BytesIO()
    gray.save(file, kind)
    files.append(file.getvalue())
  return files


@any_time
@given(mutations(_pictures()), st.sampled_from([(48, 48, 1), (64, 64, 3)]))
def test_a_picture_is_decoded_or_says_why_not(content, shape):
  try:
    pixels = decode_image(content, shape)
  except ItemError:
    return
  assert pixels.shape == shape
  assert pixels.dtype == np.uint8


def _archives():
  packed, rolled, squeezed = io.BytesIO(), io.BytesIO(), io.BytesIO()
  with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("a/b.png", b"1" * 300)
    archive.writestr("../c.png", b"2")
  for file, mode in ((rolled, "w"), (squeezed, "w:gz")):
    with tarfile.open(fileobj=file, mode=mode) as archive:
      for name in ("a/b.png", "/c.png"):
        member = tarfile.TarInfo(name)
        member.size = 300
        archive.addfile(member, io.BytesIO(b"3" * 300))
  return [packed.getvalue(), rolled.getvalue(), squeezed.getvalue()]


@any_time
@given(content=mutations(_archives()), name=st.sampled_from(["x.zip", "x.tar", "x.tar.gz", "x"]))
def test_an_archive_is_listed_and_read_or_says_why_not(tmp_path, content, name):
  path = tmp_path / name
  path.write_bytes(content)
  with saying(name):
    tree = archives.open_tree(path)
    for member, opener in tree.files(set(tree.names)) if tree else ():
      assert not member.startswith(("/", ".."))
      try:
        assert isinstance(archives.read_bytes(opener), bytes)
      except ItemError:
        continue
  assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == [name]
  path.unlink()


_LEAF = (
  st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20)
)
_NAMES = [name.removeprefix("config.") for name, _ in configs._fields(reference())]


@any_time
@given(st.dictionaries(st.sampled_from(_NAMES), _LEAF, max_size=4), st.sampled_from([1, 8]))
def test_a_config_is_sound_or_each_mistake_is_named(values, devices):
  config = reference()
  with config.ignore_type():
    for name, value in values.items():
      config.update_from_flattened_dict({name: value})
  with saying("the config has mistakes:\n- config."):
    configs.check(config, devices)
    assert configs.total_steps(config, 1000) >= 1
    assert configs.longest_dispatch(config, "cpu") >= 1


_ROWS = "".join(
  json.dumps(row) + "\n"
  for row in (
    {"step": 4, "discriminator_loss": 1.0},
    {"step": 8, "discriminator_loss": float("nan")},
  )
).encode()


@any_time
@given(content=mutations([_ROWS]))
def test_a_log_is_read_as_far_as_it_is_whole_and_goes_on(tmp_path, content):
  path = tmp_path / "metrics.jsonl"
  path.write_bytes(content)
  lines = JsonLines(path, resumed_at=8)
  lines.write({"step": 12})
  assert all(isinstance(row["step"], int) for row in lines.rows)
  assert [row["step"] for row in JsonLines(path, resumed_at=12).rows][-1] == 12


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
  path = tmp_path_factory.mktemp("scores") / "evaluation.jsonl"
  score = Score("swd16_train", 0.25, num=16)
  Results(path).append({"step": 4}, {"metric": "swd"}, [score], {})
  return path.read_bytes()


@any_time
@given(data=st.data())
def test_a_file_of_scores_is_read_as_far_as_it_is_whole_and_goes_on(tmp_path, scored, data):
  path = tmp_path / "evaluation.jsonl"
  path.write_bytes(data.draw(mutations([scored, scored * 2])))
  subject, request = {"step": 8}, {"metric": "swd"}
  Results(path).append(subject, request, [Score("swd16_train", 0.5, num=16)], {})
  (row,) = Results(path).find(subject, request)
  assert row["value"] == 0.5


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
  folder = tmp_path_factory.mktemp("weights")
  paths = zip_file(folder / "a", state_dict()), legacy_file(folder / "b", state_dict(b"N"))
  return [path.read_bytes() for path in paths]


@any_time
@given(data=st.data())
def test_weights_are_arrays_or_say_why_not(tmp_path, weights, data):
  path = tmp_path / "weights.pth"
  path.write_bytes(data.draw(mutations(weights)))
  with saying(f"{path}: "):
    state = read_state_dict(path)
    assert all(isinstance(array, np.ndarray) for array in state.values())
