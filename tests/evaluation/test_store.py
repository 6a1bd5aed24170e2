import fcntl
import os
import subprocess
import sys

import numpy as np
import pytest

from dcgan_jax.errors import UserError
from dcgan_jax.evaluation.store import Store, default_store

KEY = {"images": "abc", "weights": "def"}
ROWS = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)


def broken(*_):
  raise AssertionError("computed again")


def names(store):
  return sorted(path.name for path in store.directory.iterdir())


def test_an_array_is_computed_once_and_mapped_afterwards(tmp_path):
  first = Store(tmp_path, KEY).array("mean", lambda: ROWS)
  again = Store(tmp_path, KEY).array("mean", broken)
  for array in (first, again):
    assert isinstance(array, np.memmap)
    np.testing.assert_array_equal(array, ROWS)


def test_an_array_keeps_its_type(tmp_path):
  store = Store(tmp_path, KEY)
  assert store.array("pixels", lambda: np.uint8([[7]])).dtype == np.uint8


def test_a_mapped_array_cannot_be_written_to(tmp_path):
  mapped = Store(tmp_path, KEY).array("mean", lambda: ROWS)
  with pytest.raises(ValueError, match="read-only"):
    mapped[0] = 0


def test_a_small_result_is_computed_once(tmp_path):
  result = {"fid": 0.1, "sizes": [1, 2], "label": "ö"}
  assert Store(tmp_path, KEY).json("floor", lambda: result) == result
  assert Store(tmp_path, KEY).json("floor", broken) == result


def test_a_small_result_that_is_false_is_kept_too(tmp_path):
  assert Store(tmp_path, KEY).json("none", lambda: None) is None
  assert Store(tmp_path, KEY).json("none", broken) is None


def test_keys_do_not_share(tmp_path):
  Store(tmp_path, KEY).array("mean", lambda: ROWS)
  other = Store(tmp_path, KEY | {"weights": "other"})
  assert not other.has("mean")
  np.testing.assert_array_equal(other.array("mean", lambda: ROWS + 1), ROWS + 1)


def test_the_order_of_a_key_does_not_matter(tmp_path):
  Store(tmp_path, KEY).array("mean", lambda: ROWS)
  assert Store(tmp_path, dict(reversed(KEY.items()))).has("mean")


def test_the_folder_says_what_its_key_is(tmp_path):
  text = (Store(tmp_path, KEY).directory / "key.json").read_text()
  assert '"images": "abc"' in text
  assert '"weights": "def"' in text


def test_a_computation_that_fails_leaves_nothing_and_may_be_repeated(tmp_path):
  store = Store(tmp_path, KEY)
  for compute in (store.array, store.json):
    with pytest.raises(AssertionError, match="computed again"):
      compute("mean", broken)
  assert names(store) == ["key.json"]
  np.testing.assert_array_equal(store.array("mean", lambda: ROWS), ROWS)


def test_a_failure_while_writing_leaves_nothing(tmp_path, monkeypatch):
  def full(file, array, allow_pickle):
    file.write(b"half of it")
    raise OSError("No space left on device")

  store = Store(tmp_path, KEY)
  monkeypatch.setattr(np, "save", full)
  with pytest.raises(UserError, match=r"No space.*\n.*\$DCGAN_JAX_REFERENCES") as caught:
    store.array("mean", lambda: ROWS)
  assert str(caught.value).startswith(f"{store.directory}: ")
  assert names(store) == ["key.json"]


def test_what_computing_raises_is_not_blamed_on_the_store(tmp_path):
  def unreadable(*_):
    raise OSError("the images cannot be read")

  store = Store(tmp_path, KEY)
  for call in (
    lambda: store.array("mean", unreadable),
    lambda: store.json("floor", unreadable),
    lambda: store.rows("features", 3, unreadable),
  ):
    with pytest.raises(OSError, match="images cannot be read"):
      call()


def test_a_place_that_cannot_be_a_folder_is_refused_with_the_variable(tmp_path):
  (tmp_path / "file").touch()
  with pytest.raises(UserError, match=r"/file/.*Not a directory.*\n.*\$DCGAN_JAX_REFERENCES"):
    Store(tmp_path / "file", KEY)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_that_is_not_ours_is_refused_but_read_where_all_is_there(tmp_path):
  Store(tmp_path, KEY).array("mean", lambda: ROWS)
  modes = [(path, path.stat().st_mode) for path in (tmp_path, Store(tmp_path, KEY).directory)]
  try:
    for path, _ in modes:
      path.chmod(0o555)
    store = Store(tmp_path, KEY)
    np.testing.assert_array_equal(store.array("mean", broken), ROWS)
    with pytest.raises(UserError, match="Permission denied"):
      store.json("floor", dict)
    with pytest.raises(UserError, match="Permission denied"):
      store.rows("features", 3, broken)
    with pytest.raises(UserError, match="Permission denied"):
      Store(tmp_path, KEY | {"images": "other"})
  finally:
    for path, mode in modes:
      path.chmod(mode)


def test_an_array_that_is_there_can_be_had_without_computing(tmp_path):
  store = Store(tmp_path, KEY)
  with pytest.raises(FileNotFoundError):
    store.get("mean")
  store.array("mean", lambda: ROWS)
  assert isinstance(store.get("mean"), np.memmap)
  np.testing.assert_array_equal(store.get("mean"), ROWS)


def stream_of(asked, stop=10, at_once=3):
  """Streams ROWS from where it is asked to, which it notes; raises in front of row `stop`."""

  def stream(start):
    asked.append(start)
    for i in range(start, len(ROWS), at_once):
      if i >= stop:
        raise KeyboardInterrupt
      yield ROWS[i : i + at_once]

  return stream


def test_rows_are_computed_once_and_mapped_afterwards(tmp_path):
  asked = []
  first = Store(tmp_path, KEY).rows("features", 3, stream_of(asked))
  again = Store(tmp_path, KEY).rows("features", 3, broken)
  assert asked == [0]
  for rows in (first, again):
    assert isinstance(rows, np.memmap)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, ROWS)


def test_rows_go_on_where_they_were_interrupted(tmp_path):
  asked = []
  with pytest.raises(KeyboardInterrupt):
    Store(tmp_path, KEY).rows("features", 3, stream_of(asked, stop=6))
  store = Store(tmp_path, KEY)
  assert not store.has("features")
  rows = store.rows("features", 3, stream_of(asked))
  assert asked == [0, 6]
  np.testing.assert_array_equal(rows, ROWS)
  assert names(store) == ["features.npy", "key.json"]


def test_a_row_cut_in_the_middle_is_computed_again(tmp_path):
  asked = []
  with pytest.raises(KeyboardInterrupt):
    Store(tmp_path, KEY).rows("features", 3, stream_of(asked, stop=6))
  store = Store(tmp_path, KEY)
  (partial,) = store.directory.glob("*.partial")
  # 6 rows of 12 bytes are there; of 70 bytes 5 rows are whole, and the sixth is not.
  partial.write_bytes(partial.read_bytes()[:70])
  rows = store.rows("features", 3, stream_of(asked))
  assert asked == [0, 5]
  np.testing.assert_array_equal(rows, ROWS)


def test_rows_that_were_all_there_when_it_was_killed_need_no_more(tmp_path):
  store, asked = Store(tmp_path, KEY), []
  (store.directory / "features.partial").write_bytes(ROWS.tobytes())
  np.testing.assert_array_equal(store.rows("features", 3, stream_of(asked)), ROWS)
  assert asked == [10]


def test_what_a_kill_left_behind_after_the_rows_were_whole_is_removed(tmp_path):
  store = Store(tmp_path, KEY)
  store.rows("features", 3, lambda start: iter([ROWS]))
  (store.directory / "features.partial").write_bytes(ROWS.tobytes())
  np.testing.assert_array_equal(store.rows("features", 3, broken), ROWS)
  assert names(store) == ["features.npy", "key.json"]


def test_rows_are_whole_though_the_system_writes_a_few_bytes_at_a_time(tmp_path, monkeypatch):
  write = os.write
  monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:5]))
  rows = Store(tmp_path, KEY).rows("features", 3, lambda start: iter([ROWS[:4], ROWS[4:]]))
  np.testing.assert_array_equal(rows, ROWS)


def test_a_disk_that_fills_up_among_the_rows_is_told_and_they_go_on_later(tmp_path, monkeypatch):
  asked, write = [], os.write
  chunks = []

  def full(file, data):
    chunks.append(data)
    if len(chunks) == 3:
      raise OSError(28, "No space left on device")
    return write(file, data)

  monkeypatch.setattr(os, "write", full)
  store = Store(tmp_path, KEY)
  with pytest.raises(UserError, match="No space left"):
    store.rows("features", 3, stream_of(asked))
  np.testing.assert_array_equal(store.rows("features", 3, stream_of(asked)), ROWS)
  assert asked == [0, 6]  # two chunks of three rows were written


def test_rows_of_another_layout_or_type_are_kept_as_float32(tmp_path):
  other = np.asfortranarray(ROWS, np.float64)
  rows = Store(tmp_path, KEY).rows("features", 3, lambda start: iter([other]))
  np.testing.assert_array_equal(rows, ROWS)


def test_rows_survive_a_process_that_is_killed(tmp_path):
  program = (
    "import os, signal, sys, pathlib, numpy as np\n"
    "from dcgan_jax.evaluation.store import Store\n"
    "def stream(start):\n"
    "  yield np.full((4, 2), 1)\n"
    "  os.kill(os.getpid(), signal.SIGKILL)\n"
    f"Store(pathlib.Path(sys.argv[1]), {KEY!r}).rows('features', 2, stream)\n"
  )
  killed = subprocess.run([sys.executable, "-c", program, str(tmp_path)])
  assert killed.returncode == -9
  asked = []

  def rest(start):
    asked.append(start)
    yield np.full((1, 2), 2)

  rows = Store(tmp_path, KEY).rows("features", 2, rest)
  assert asked == [4]
  assert rows.tolist() == [[1, 1]] * 4 + [[2, 2]]


def test_a_second_process_waits_for_the_first_and_takes_its_rows(tmp_path):
  program = (
    "import sys, pathlib\n"
    "from dcgan_jax.evaluation.store import Store\n"
    "def stream(start):\n"
    "  raise SystemExit('computed again')\n"
    "print('asks', flush=True)\n"
    f"rows = Store(pathlib.Path(sys.argv[1]), {KEY!r}).rows('features', 3, stream)\n"
    "print(len(rows))\n"
  )
  others = []

  def stream(start):
    yield ROWS[:5]
    # The lock is held here: whatever the other does now, it must wait for the rest.
    other = subprocess.Popen(
      [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    others.append(other)
    assert other.stdout.readline() == "asks\n"
    assert not (Store(tmp_path, KEY).directory / "features.npy").exists()
    yield ROWS[5:]

  Store(tmp_path, KEY).rows("features", 3, stream)
  output, _ = others[0].communicate(timeout=60)
  assert (output, others[0].returncode) == ("10\n", 0)
  assert names(Store(tmp_path, KEY)) == ["features.npy", "key.json"]


def test_whoever_waits_for_another_process_is_told(tmp_path, monkeypatch, capsys):
  asked = []

  def flock(file, how):
    asked.append(how)
    if how & fcntl.LOCK_NB:
      raise BlockingIOError

  monkeypatch.setattr(fcntl, "flock", flock)
  rows = Store(tmp_path, KEY).rows("features", 3, lambda start: iter([ROWS]))
  assert len(rows) == len(ROWS)
  assert asked == [fcntl.LOCK_EX | fcntl.LOCK_NB, fcntl.LOCK_EX]
  assert capsys.readouterr().err == (
    "features: another evaluation is computing them; waiting for it …\n"
  )


def test_the_place_is_the_environment_s_or_the_cache(monkeypatch, tmp_path):
  monkeypatch.setenv("DCGAN_JAX_REFERENCES", str(tmp_path))
  assert default_store() == tmp_path
  monkeypatch.setenv("DCGAN_JAX_REFERENCES", "")
  monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
  assert default_store().parts[-2:] == ("dcgan_jax", "references")


def test_the_place_is_no_bucket(monkeypatch):
  monkeypatch.setenv("DCGAN_JAX_REFERENCES", "gs://bucket/references")
  with pytest.raises(UserError, match=r"\$DCGAN_JAX_REFERENCES=gs://.*a local folder is needed"):
    default_store()
