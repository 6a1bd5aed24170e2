import contextlib
import io
import os
import pickle
import struct
import zipfile

import numpy as np
import pytest
from opcodes import ORDERED_DICT, integer, storage, tensor, text

from dcgan_jax.errors import UserError
from dcgan_jax.metrics.torch_pickle import read_state_dict

WEIGHT = np.arange(6, dtype=np.float32).reshape(2, 3)
STEPS = np.array(2**40, np.int64)


def state_dict(*view):
  """The pickle of {"weight": WEIGHT, "steps": STEPS}; the older format has a view, None."""
  weight = tensor(storage("10", "FloatStorage", integer(6), *view), 0, (2, 3), (3, 1))
  steps = tensor(storage("9", "LongStorage", integer(1), *view), 0, (), ())
  items = b"(" + text("weight") + weight + text("steps") + steps + b"u"
  metadata = b"}" + text("_metadata") + ORDERED_DICT + b"sb"  # versions of modules: none here
  return b"\x80\x02" + ORDERED_DICT + items + metadata + b"."


STORAGES = {"10": WEIGHT.astype("<f4").tobytes(), "9": STEPS.astype("<i8").tobytes()}


def zip_file(path, pickled, storages=STORAGES, folder="archive"):
  with zipfile.ZipFile(path, "w") as archive:
    archive.writestr(f"{folder}/data.pkl", pickled)
    for key, data in storages.items():
      archive.writestr(f"{folder}/data/{key}", data)
  return path


def legacy_file(path, pickled, keys=("10", "9"), counts=(6, 1)):
  parts = [0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True}]
  out = io.BytesIO()
  for part in parts:
    pickle.dump(part, out, protocol=2)
  out.write(pickled)
  pickle.dump(list(keys), out, protocol=2)
  for key, count in zip(keys, counts, strict=True):
    out.write(struct.pack("<q", count) + STORAGES[key])
  path.write_bytes(out.getvalue())
  return path


def written(path, form):
  return zip_file(path, state_dict()) if form == "zip" else legacy_file(path, state_dict(b"N"))


def reason(path):
  with pytest.raises(UserError) as caught:
    read_state_dict(path)
  message = str(caught.value)
  assert message.startswith(f"{path}: ")
  return message


@pytest.mark.parametrize("form", ["zip", "legacy"])
def test_a_state_dict_is_read_in_order_with_its_types_and_shapes(tmp_path, form):
  state = read_state_dict(written(tmp_path / "a.pth", form))
  assert list(state) == ["weight", "steps"]
  assert state["weight"].dtype == np.float32
  assert state["steps"].dtype == np.int64
  np.testing.assert_array_equal(state["weight"], WEIGHT)
  np.testing.assert_array_equal(state["steps"], STEPS)


def test_a_transposed_tensor_is_laid_out_in_its_own_order(tmp_path):
  view = tensor(storage("10", "FloatStorage", integer(6)), 0, (3, 2), (1, 3))
  path = zip_file(tmp_path / "a.pth", b"\x80\x02}" + text("t") + view + b"s.")
  array = read_state_dict(path)["t"]
  np.testing.assert_array_equal(array, WEIGHT.T)
  assert array.flags.c_contiguous


def test_two_tensors_may_share_a_storage(tmp_path):
  reference = storage("10", "FloatStorage", integer(6))
  first, second = (tensor(reference, offset, (3,), (1,)) for offset in (0, 3))
  items = text("first") + first + b"s" + text("second") + second + b"s"
  state = read_state_dict(zip_file(tmp_path / "a.pth", b"\x80\x02}" + items + b"."))
  np.testing.assert_array_equal(state["first"], [0, 1, 2])
  np.testing.assert_array_equal(state["second"], [3, 4, 5])


class Evil:
  """What a hostile file would hold."""

  def __init__(self, mark):
    self.mark = mark

  def __reduce__(self):
    return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("form", ["zip", "legacy"])
def test_a_pickle_that_would_run_a_command_is_refused_and_runs_nothing(tmp_path, form, protocol):
  mark = tmp_path / "ran"
  evil = pickle.dumps({"weight": Evil(mark)}, protocol=protocol)
  path = tmp_path / "evil.pth"
  zip_file(path, evil) if form == "zip" else legacy_file(path, evil)
  assert "refused: " in reason(path)
  assert not mark.exists()


def test_the_refusal_names_what_would_run(tmp_path):
  evil = pickle.dumps({"weight": Evil(tmp_path / "ran")}, protocol=2)
  message = reason(zip_file(tmp_path / "evil.pth", evil))
  # os.system is defined in posix, or nt on Windows, and pickled under that name.
  assert f"refused: loading it would execute {os.system.__module__}.system" in message
  assert message.endswith("Nothing of it was run.")


def test_what_is_no_tensor_is_refused_by_its_name(tmp_path):
  path = zip_file(tmp_path / "a.pth", b"\x80\x02}" + text("epoch") + integer(3) + b"s.")
  assert "refused: its entry epoch is no tensor" in reason(path)


@pytest.mark.parametrize(
  ("offset", "size", "stride", "what"),
  [
    (1, (2, 3), (3, 1), "reaches element 6 of a storage of 6"),  # 1 + 1·3 + 2·1
    (0, (2,), (6,), "reaches element 6 of a storage of 6"),
    (0, (7,), (0,), "repeats its numbers"),
    (0, (2,), (-1,), "is not a whole number"),
    (-1, (2,), (1,), "is not a whole number"),
    (0, (2, 3), (1,), "makes a call that no state dict makes"),
  ],
)
def test_a_tensor_may_not_reach_beyond_its_storage(tmp_path, offset, size, stride, what):
  one = tensor(storage("10", "FloatStorage", integer(6)), offset, size, stride)
  path = zip_file(tmp_path / "a.pth", b"\x80\x02}" + text("w") + one + b"s.")
  assert what in reason(path)


def test_a_storage_of_another_length_is_damage(tmp_path):
  path = zip_file(tmp_path / "a.pth", state_dict(), {"10": b"\0" * 20, "9": b"\0" * 8})
  assert "storage 10 has 20 bytes, expected 6 numbers of 4 bytes" in reason(path)
  path = legacy_file(tmp_path / "b.pth", state_dict(b"N"), counts=(5, 1))
  assert "storage 10 has 20 bytes, expected 6 numbers of 4 bytes" in reason(path)


def test_an_older_file_must_list_the_storages_of_its_tensors(tmp_path):
  path = legacy_file(tmp_path / "a.pth", state_dict(b"N"), keys=("10",), counts=(6,))
  assert "list of storages does not match its tensors" in reason(path)


@pytest.mark.parametrize("form", ["zip", "legacy"])
def test_a_file_cut_anywhere_is_one_message(tmp_path, form):
  data = written(tmp_path / "whole.pth", form).read_bytes()
  cut = tmp_path / "cut.pth"
  for length in range(0, len(data), 7):
    cut.write_bytes(data[:length])
    assert "not a PyTorch state dict, or damaged" in reason(cut)


@pytest.mark.parametrize("form", ["zip", "legacy"])
def test_no_damaged_byte_raises_anything_else(tmp_path, form):
  data = written(tmp_path / "whole.pth", form).read_bytes()
  damaged = tmp_path / "damaged.pth"
  rng = np.random.default_rng(0)
  for place in range(len(data)):
    other = bytes([data[place] ^ int(rng.integers(1, 256))])
    damaged.write_bytes(data[:place] + other + data[place + 1 :])
    with contextlib.suppress(UserError):  # a changed number, or an unused byte, goes unnoticed
      read_state_dict(damaged)


def test_what_is_no_such_file_at_all_says_so(tmp_path):
  path = tmp_path / "page.pth"
  path.write_bytes(b"<!DOCTYPE html><html></html>")
  assert "not a PyTorch state dict, or damaged" in reason(path)
  with zipfile.ZipFile(path, "w") as archive:
    archive.writestr("readme.txt", "hello")
  assert "a zip with 0 entries named data.pkl, expected one" in reason(path)
  path.write_bytes(pickle.dumps(7, protocol=2))
  assert "does not begin as PyTorch's do" in reason(path)


def test_a_compressed_zip_is_no_bomb(tmp_path):
  path = tmp_path / "bomb.pth"
  with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("archive/data.pkl", state_dict())
    archive.writestr("archive/data/10", b"\0" * 10**6)
  assert "a compressed zip" in reason(path)


def test_a_missing_file_says_so(tmp_path):
  assert "cannot be read: No such file" in reason(tmp_path / "none.pth")
