import json

import numpy as np
import pytest
from modules_loaded import modules_loaded
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData
from tensorboard.util.tensor_util import make_ndarray

from dcgan_jax.tracking import JsonLines, TensorBoard, WriteError


def test_each_row_is_one_json_line(tmp_path):
  lines = JsonLines(tmp_path / "metrics.jsonl", resumed_at=0)
  lines.write({"step": 5, "loss": 0.25})
  lines.write({"step": 10, "loss": 0.125})
  written = (tmp_path / "metrics.jsonl").read_text().splitlines()
  assert [json.loads(line) for line in written] == lines.rows
  assert lines.rows == [{"step": 5, "loss": 0.25}, {"step": 10, "loss": 0.125}]


def test_resuming_drops_the_rows_that_will_be_written_again(tmp_path):
  path = tmp_path / "metrics.jsonl"
  path.write_text("".join(json.dumps({"step": s}) + "\n" for s in (5, 10, 15)))
  JsonLines(path, resumed_at=10).write({"step": 15, "again": True})
  rows = [json.loads(line) for line in path.read_text().splitlines()]
  assert rows == [{"step": 5}, {"step": 10}, {"step": 15, "again": True}]


def test_a_line_cut_short_by_a_kill_is_dropped(tmp_path):
  path = tmp_path / "metrics.jsonl"
  path.write_text('{"step": 5}\n{"step": 1')
  assert JsonLines(path, resumed_at=100).rows == [{"step": 5}]


def test_a_line_that_a_disk_has_changed_is_dropped_and_the_others_are_not(tmp_path):
  path = tmp_path / "metrics.jsonl"
  path.write_bytes(b'{"step": 5}\n{"st\xff\x80": 6}\n' + b"[" * 100_000 + b'\n{"step": 7}\n')
  assert JsonLines(path, resumed_at=100).rows == [{"step": 5}, {"step": 7}]


def test_tensorboard_reads_the_scalars_and_pictures_back(tmp_path):
  board = TensorBoard(tmp_path)
  board.scalars(7, {"loss": 0.5})
  board.images(7, {"samples": np.zeros((4, 6, 1), np.uint8)})
  board.close()
  events = EventAccumulator(str(tmp_path), size_guidance={"tensors": 0, "images": 0}).Reload()
  (event,) = events.Tensors("loss")
  assert (event.step, float(make_ndarray(event.tensor_proto))) == (7, 0.5)
  (picture,) = events.Tensors("samples")
  # A TensorBoard image summary starts with its width and height as text.
  assert list(make_ndarray(picture.tensor_proto)[:2]) == [b"6", b"4"]


def test_tensorboard_has_the_hyperparameters_once(tmp_path):
  fields = {"seed": 3, "loss.r1": 0.5, "flip": True, "name": "a", "none": None, "list": [1, "b"]}
  board = TensorBoard(tmp_path, fields)
  board.scalars(1, {"loss": 0.5})
  board.scalars(2, {"loss": 0.25})
  board.close()
  events = EventAccumulator(str(tmp_path)).Reload()
  content = events.summary_metadata["_hparams_/session_start_info"].plugin_data.content
  started = HParamsPluginData.FromString(content).session_start_info.hparams
  # What TensorBoard has no type for is text; numbers are floats.
  kinds = {name: value.WhichOneof("kind") for name, value in started.items()}
  assert {name: getattr(started[name], kind) for name, kind in kinds.items()} == {
    "seed": 3.0, "loss.r1": 0.5, "flip": True, "name": "a", "none": "None", "list": "[1, 'b']",
  }  # fmt: skip


def test_no_tensorflow_is_loaded_before_something_is_written(tmp_path):
  program = (
    "import pathlib\n"
    "from dcgan_jax import train, tracking\n"
    "board = tracking.TensorBoard(pathlib.Path(sys.argv[1]))\n"
    "board.flush()\n"
    "board.close()\n"
  )
  assert modules_loaded(program, tmp_path) == {"jax"}


def test_the_thread_that_writes_loads_no_tfds_which_keeps_others_from_importing(tmp_path):
  program = """
import pathlib, sys
from dcgan_jax.tracking import TensorBoard
board = TensorBoard(pathlib.Path(sys.argv[1]))
board.scalars(1, {"loss": 0.5})
board.close()
"""
  loaded = modules_loaded(program, tmp_path)
  assert "tensorflow" in loaded
  assert "tensorflow_datasets" not in loaded


def test_what_the_thread_meets_is_raised_where_it_is_waited_for(tmp_path):
  board = TensorBoard(tmp_path / "tensorboard")
  (tmp_path / "tensorboard").rmdir()
  (tmp_path / "tensorboard").write_text("a file in the way")
  board.scalars(1, {"loss": 0.5})
  with pytest.raises(WriteError, match="Not a directory"):
    board.flush()
  board.close()  # told once


def test_everything_is_on_disk_after_a_flush(tmp_path):
  board = TensorBoard(tmp_path)
  for step in range(20):
    board.scalars(step, {"loss": 0.5})
  board.flush()
  events = EventAccumulator(str(tmp_path), size_guidance={"tensors": 0}).Reload()
  assert [event.step for event in events.Tensors("loss")] == list(range(20))
  board.close()
