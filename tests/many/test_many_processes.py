"""Trainings of several processes, which meet over 127.0.0.1."""

import json
import signal

import numpy as np
import pytest
from run_files import rows_of

from . import together

pytestmark = pytest.mark.slow


def trained(config, workdir, steps, processes, devices):
  ended = together.finish(
    together.start(together.training(config, workdir, steps), processes, devices)
  )
  assert [code for code, _, _ in ended] == [0] * processes, ended
  return [err for _, _, err in ended]


@pytest.fixture(scope="module")
def alone(config_of_module, tmp_path_factory):
  """One process with four devices."""
  workdir = tmp_path_factory.mktemp("alone")
  trained(config_of_module, workdir, 4, processes=1, devices=4)
  return workdir


@pytest.fixture(scope="module")
def config_of_module(data_dir):
  from small import small_config

  return small_config(data_dir)


@pytest.mark.parametrize(("processes", "devices"), [(2, 2), (4, 1)])
def test_several_processes_do_the_same_mathematics_and_one_of_them_speaks(
  alone, config_of_module, tmp_path, processes, devices
):
  said = trained(config_of_module, tmp_path / "run", 4, processes, devices)
  rows, expected = rows_of(tmp_path / "run"), rows_of(alone)
  assert [row.keys() for row in rows] == [row.keys() for row in expected]
  # Losses and gradients of the first update, and with what rounding becomes of them, of the others.
  for row, other, tolerance in zip(rows, expected, (1e-5, 1e-3, 1e-3, 1e-3), strict=True):
    for name in row.keys() - {"images_per_second"}:
      np.testing.assert_allclose(row[name], other[name], rtol=tolerance, err_msg=name)
  assert "on 4 cpu devices" in said[0]
  assert "Finished at step 4." in said[0]
  for other in said[1:]:
    assert "step" not in other

  # Another number of processes goes on from it.
  for count in (1, 2):
    steps = 4 + 2 * count
    told = trained(config_of_module, tmp_path / "run", steps, count, devices=4 // count)
    assert f"Resuming from the checkpoint of step {steps - 2}." in told[0]
  assert [row["step"] for row in rows_of(tmp_path / "run")] == list(range(1, 9))


_FROM_LEAD = """
import sys
import numpy as np
from dcgan_jax.startup import prepare_process
prepare_process()
from dcgan_jax import processes
where, count, index = (argument.partition("=")[2] for argument in sys.argv[1:])
processes.join(processes.Together(where, int(count), int(index)))
tree = {"a": np.array([-0.0, np.nan, 1e-45, 3.5], np.float32), "b": np.int32(-7)}
if not processes.leads():
  tree = {"a": np.ones(4, np.float32), "b": np.int32(1)}
got = processes.from_lead(tree)
choice = processes.lead_says("bc"[int(index)], ("a", "b", "c"))
print(got["a"].view(np.uint32).tolist(), got["a"].dtype, int(got["b"]), choice)
"""


def test_what_the_leader_has_arrives_bit_for_bit():
  ended = together.finish(together.start(["-c", _FROM_LEAD], processes=2, devices=2))
  bits = np.array([-0.0, np.nan, 1e-45, 3.5], np.float32).view(np.uint32).tolist()
  for code, out, err in ended:
    assert code == 0, err
    assert f"{bits} float32 -7 b" in out


def wait_for(process, words):
  wait_until(process, lambda line: line.startswith(words))


def wait_until(process, holds):
  """Reads what the process says, line by line, until `holds` of a line."""
  assert any(holds(line) for line in process.stderr), "ended before it"


def saved_steps(workdir):
  """The checkpoints that are complete: what is being written has another name."""
  return [int(path.name) for path in (workdir / "checkpoints").iterdir() if path.name.isdecimal()]


def test_sigterm_to_any_process_has_all_save_and_stop_together(config_of_module, tmp_path):
  arguments = together.training(config_of_module, tmp_path, 100_000)
  started = together.start(arguments, processes=2, devices=1)
  wait_for(started[0], "step 3/")
  started[1].send_signal(signal.SIGTERM)
  (first, _, said), (second, _, _) = together.finish(started)
  assert (first, second) == (75, 75)
  saved = max(saved_steps(tmp_path))
  assert f"SIGTERM: saved step {saved}." in said
  trained(config_of_module, tmp_path, saved + 1, processes=2, devices=1)
  assert json.loads((tmp_path / "finished.json").read_text()) == {"step": saved + 1}


@pytest.mark.parametrize("killed", [0, 1])
def test_where_one_is_killed_the_others_end_with_a_message_and_a_restart_resumes(
  config_of_module, tmp_path, killed
):
  arguments = together.training(config_of_module, tmp_path, 100_000)
  started = together.start(arguments, processes=2, devices=1)
  wait_for(started[0], "step 1/")
  wait_until(started[0], lambda _: saved_steps(tmp_path))
  started[killed].kill()
  code, _, said = together.finish([started[1 - killed]], timeout=60)[0]
  started[killed].communicate()
  assert code in (75, -signal.SIGABRT)
  assert "another task died" in said or "another process has ended" in said
  saved = max(saved_steps(tmp_path))
  told = trained(config_of_module, tmp_path, saved + 2, processes=2, devices=1)
  assert f"Resuming from the checkpoint of step {saved}." in told[0]


@pytest.mark.parametrize("other", ["--config.seed=1", "--config.num_steps=6"])
def test_processes_that_differ_are_told_before_anything_is_trained(
  config_of_module, tmp_path, other
):
  arguments = together.training(config_of_module, tmp_path, 4)
  started = together.start(arguments, processes=2, devices=1, last=[other])
  ended = together.finish(started, timeout=90)
  assert "process 1 of 2: another config, or other images, than the first" in ended[1][2]
  assert ended[1][0] == 2
  assert ended[0][0] != 0
  assert not list((tmp_path / "checkpoints").iterdir())


def test_a_mistake_that_only_the_leader_sees_ends_all(config_of_module, tmp_path):
  (tmp_path / "run").write_text("a file")
  arguments = together.training(config_of_module, tmp_path / "run", 4)
  (first, _, said), (second, _, _) = together.finish(together.start(arguments, 2, 1), timeout=90)
  assert first == 2
  assert "process 0 of 2: " in said
  assert "is a file, not a folder" in said
  assert second != 0


_IMPATIENT = """
import sys
from dcgan_jax.startup import prepare_process
prepare_process()
from dcgan_jax import processes
processes._START_SECONDS = 5
where, count, index = (argument.partition("=")[2] for argument in sys.argv[1:])
processes.join(processes.Together(where, int(count), int(index)))
"""


@pytest.mark.parametrize("missing", [0, 1])
def test_where_one_does_not_come_the_port_and_what_to_look_for_are_told(missing):
  started = together.start(["-c", _IMPATIENT], processes=2, devices=1)
  started[missing].kill()
  ((code, _, said),) = together.finish([started[1 - missing]])
  assert code == 2, said
  where = started[0].args[3].partition("=")[2]
  assert f"not all processes came to {where} within 5 s." in said
  assert "firewall" in said


def test_training_each_class_is_for_one_process(config_of_module, tmp_path):
  arguments = together.training(config_of_module, tmp_path, 4, **{"data.expression": "each"})
  ended = together.finish(together.start(arguments, 2, 1), timeout=90)
  assert "is trained by one process" in ended[0][2]
