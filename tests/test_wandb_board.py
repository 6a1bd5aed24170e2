import json
import os
import struct
import subprocess
import sys

import pytest

from dcgan_jax.errors import UserError
from dcgan_jax.wandb_board import WandbBoard

HYPERPARAMETERS = {"batch_size": 16, "model.name": "pixelnorm_dcgan"}
BEGIN = f"""
import pathlib, sys
import numpy as np
from dcgan_jax.wandb_board import WandbBoard
board = WandbBoard(pathlib.Path(sys.argv[1]), {HYPERPARAMETERS})
"""


def run(program, workdir, **environment):
  """Runs a program in a process of its own, as the package keeps its settings for a process."""
  workdir.mkdir(exist_ok=True)
  mine = {k: v for k, v in os.environ.items() if not k.startswith("WANDB_")}
  mine |= {"HOME": str(workdir.parent / "home"), **environment}
  result = subprocess.run(
    [sys.executable, "-c", program, str(workdir)],
    env=mine, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
  )  # fmt: skip
  return result


def records(workdir):
  """What the package has kept to be sent: protocol buffers in a log as LevelDB writes them."""
  from wandb.proto.wandb_internal_pb2 import Record

  found = []
  for path in sorted(workdir.glob("wandb/offline-run-*/*.wandb")):
    data, at = path.read_bytes(), 7  # a header of its own comes first
    assert len(data) < 2**15  # one block, in which every record is whole
    while at < len(data):
      _, length, kind = struct.unpack_from("<IHB", data, at)
      assert kind == 1
      found.append(Record.FromString(data[at + 7 : at + 7 + length]))
      at += 7 + length
  return found


def history(workdir):
  rows = [record.history.item for record in records(workdir) if record.HasField("history")]
  return [
    {(item.key or "/".join(item.nested_key)): json.loads(item.value_json) for item in row}
    for row in rows
  ]


def test_scalars_pictures_and_hyperparameters_are_kept_to_be_sent(tmp_path):
  workdir = tmp_path / "run"
  # Pictures are drawn in the background, and come after the scalars of later steps.
  program = f"""{BEGIN}
board.scalars(100, {{"loss": 0.5}})
board.scalars(200, {{"loss": 0.25}})
board.images(100, {{"samples": np.zeros((4, 6, 1), np.uint8)}})
board.flush()
board.close()
"""
  result = run(program, workdir, WANDB_MODE="offline")
  assert result.returncode == 0, result.stderr
  rows = history(workdir)
  assert [(row["step"], row.get("loss")) for row in rows] == [(100, 0.5), (200, 0.25), (100, None)]
  assert (rows[2]["samples/width"], rows[2]["samples/height"]) == (6, 4)
  begun = next(record.run for record in records(workdir) if record.HasField("run"))
  config = {i.key: json.loads(i.value_json) for i in begun.config.update}
  assert HYPERPARAMETERS.items() <= config.items()
  assert (begun.project, begun.display_name) == ("dcgan_jax", "run")


def test_a_resumed_run_goes_on_in_the_one_that_the_workdir_began(tmp_path):
  workdir = tmp_path / "run"
  for _ in range(2):
    assert run(BEGIN + "board.close()", workdir, WANDB_MODE="offline").returncode == 0
  names = {record.run.run_id for record in records(workdir) if record.HasField("run")}
  assert names == {json.loads((workdir / "wandb.json").read_text())["id"]}


def test_who_is_not_logged_in_is_told_both_ways_on(tmp_path):
  result = run(BEGIN, tmp_path / "run")
  assert "dcgan_jax.errors.UserError: --wandb: " in result.stderr
  assert "wandb login" in result.stderr
  assert "WANDB_MODE=offline" in result.stderr


def test_without_the_package_its_extra_is_named(tmp_path, monkeypatch):
  monkeypatch.setitem(sys.modules, "wandb", None)
  with pytest.raises(UserError, match=r"--wandb: .*pip install \"\.\[wandb\]\""):
    WandbBoard(tmp_path, HYPERPARAMETERS)


def test_a_training_goes_on_when_what_sends_dies(tmp_path):
  program = f"""{BEGIN}
def fail(*arguments, **more):
  raise ConnectionResetError("Connection lost")
board._run = type("Run", (), {{"log": fail, "finish": fail}})()
board.scalars(100, {{"loss": 0.5}})
board.images(100, {{"samples": np.zeros((4, 6, 1), np.uint8)}})
board.close()
"""
  result = run(program, tmp_path / "run", WANDB_MODE="offline")
  assert result.returncode == 0, result.stderr
  assert result.stderr.count("--wandb: nothing is sent any more: ConnectionResetError") == 1


def test_a_setting_that_the_package_refuses_is_told(tmp_path):
  result = run(BEGIN, tmp_path / "run", WANDB_MODE="ofline")
  assert "dcgan_jax.errors.UserError: --wandb: " in result.stderr
  assert "mode" in result.stderr
