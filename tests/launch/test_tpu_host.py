"""What a TPU's host does from start to end; gcloud and the metadata server are stand-ins."""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tarfile

import pytest

from .checkouts import mark_as_made

# Takes its code from $HOME/codes, one a time; with none left it waits for SIGTERM, as main obeys.
STUB = """#!/bin/bash
echo "python $*" >>"$NOTES"
run=${3#--workdir=}
code=$(head -n 1 "$HOME/codes")
sed -i 1d "$HOME/codes"
if [[ -z "$code" ]]; then
  trap 'echo saved >"$run/saved"; exit 75' TERM
  echo >"$HOME/waits"
  while true; do sleep 0.05; done
fi
exit "$code"
"""
# What waits for the network goes on at once; the copy of each minute waits.
SLEEP = '[[ "$1" == 20 ]] || exec /bin/sleep "$1"'
TEN_MINUTES = "SECONDS - began < 600"


@pytest.fixture
def folder(cloud):
  """The run's in the bucket."""
  return cloud / "bucket" / "faces"


@pytest.fixture
def host(checkout, stand_ins, folder, tmp_path):
  """Starts tpu_host.sh as a host with such a number, whose `python` ends with such codes."""
  home = tmp_path / "home"
  stand_ins.add("sleep", SLEEP)
  with tarfile.open(folder / "code.tar.gz", "w:gz") as archive:
    for name in ("dcgan_jax", "configs", "launch"):
      archive.add(checkout / name, name)
  script = (checkout / "launch" / "tpu_host.sh").read_text()
  assert TEN_MINUTES in script

  def start(number, *flags, codes=None, seconds=600):
    stand_ins.add("curl", f"echo {number}")
    shutil.rmtree(home, ignore_errors=True)  # each host is a new one
    shutil.copytree(checkout / "launch", home / "dcgan_jax" / "launch")
    shutil.copytree(checkout / ".venv", home / "dcgan_jax" / ".venv")
    mark_as_made(home / "dcgan_jax" / ".venv", "requirements-tpu.txt")
    os.mkfifo(home / "waits")
    if codes is not None:
      (home / "dcgan_jax" / ".venv" / "bin" / "python").write_text(STUB)
      (home / "codes").write_text("".join(f"{code}\n" for code in codes))
    environment = stand_ins.environment | {"HOME": str(home), "PYTHON": sys.executable}
    text = script.replace(TEN_MINUTES, f"SECONDS - began < {seconds}")
    arguments = ["gs://bucket/faces", "faces", "us-west4-a", *flags]
    return subprocess.Popen(
      ["bash", "-c", text, "tpu_host.sh", *arguments], env=environment, stdout=subprocess.DEVNULL,
      start_new_session=True,
    )  # fmt: skip

  return start


def ended(process):
  """Its code, once nothing of it is left."""
  try:
    return process.wait(timeout=240)
  finally:
    with contextlib.suppress(ProcessLookupError):
      os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_host_trains_and_another_one_goes_on_from_the_bucket(host, folder, data_dir):
  shutil.copytree(data_dir / "synthetic", folder / "data" / "synthetic")
  flags = ["--config=configs/quickstart.py", "--config.model.width=2", "--config.batch_size=4"]
  for steps in (2, 4):
    assert ended(host(0, *flags, f"--config.num_steps={steps}")) == 0
    log = (folder / "log.txt").read_text()
    assert (folder / "ended").read_text() == "0\n", log
    assert f"Finished at step {steps}." in log
  assert "Resuming from the checkpoint of step 2." in log
  assert {"2", "4"} <= {path.name for path in (folder / "run" / "checkpoints").iterdir()}
  assert not (folder / "run" / "lock").exists()


def test_where_main_is_stopped_or_aborted_it_starts_again(host, folder, stand_ins, tmp_path):
  assert ended(host(0, "--config=c.py", codes=[75, 134, 3], seconds=0)) == 3
  call = f"python -m dcgan_jax.main --workdir={tmp_path}/home/run --config=c.py"
  assert stand_ins.called("python") == [call] * 3
  assert (folder / "ended").read_text() == "3\n"


@pytest.mark.parametrize("code", [75, 134])
def test_what_fails_at_once_is_not_tried_again(host, folder, code, stand_ins):
  assert ended(host(0, codes=[code])) == code
  assert (folder / "ended").read_text() == f"{code}\n"
  delete = "gcloud compute tpus queued-resources delete faces --zone=us-west4-a --force"
  assert len(stand_ins.called(delete)) == 1


def test_the_first_host_alone_writes_to_the_bucket_and_gives_the_tpu_back(host, folder, stand_ins):
  assert ended(host(1, codes=[0])) == 0
  assert {path.name for path in folder.iterdir()} == {"code.tar.gz"}
  assert not stand_ins.called("gcloud compute")


@pytest.mark.parametrize("what", ["storage ls", "storage rsync", "storage cp"])
def test_a_network_that_fails_now_and_then_loses_nothing(host, folder, cloud, what):
  (folder / "run").mkdir()
  (folder / "run" / "metrics.jsonl").write_text("earlier")
  (cloud / "fails").write_text(f"{what}\n" * 4)
  assert ended(host(0, codes=[0])) == 0
  assert (folder / "run" / "metrics.jsonl").read_text() == "earlier"
  assert (folder / "ended").read_text() == "0\n"


def test_where_the_earlier_run_cannot_be_had_it_stays_and_the_tpu_is_given_back(
  host, folder, cloud, stand_ins
):
  (folder / "run").mkdir()
  (folder / "run" / "metrics.jsonl").write_text("earlier")
  (cloud / "fails").write_text("storage rsync --recursive gs://bucket/faces/run\n" * 5)
  assert ended(host(0, codes=[0])) == 1
  assert (folder / "run" / "metrics.jsonl").read_text() == "earlier"
  assert (folder / "ended").read_text() == "1\n"
  assert "the network is down" in (folder / "log.txt").read_text()
  assert not stand_ins.called("python")


def test_what_goes_wrong_before_main_is_told_and_the_tpu_given_back(host, folder, stand_ins):
  (folder / "code.tar.gz").write_text("no archive")
  assert ended(host(0, codes=[0])) != 0
  assert (folder / "ended").read_text() != "0\n"
  assert "gzip" in (folder / "log.txt").read_text()
  assert stand_ins.called("gcloud compute")


def test_a_host_that_is_taken_away_keeps_what_main_saves_and_ends_nothing(host, folder, tmp_path):
  process = host(0, codes=[])
  waits = os.open(tmp_path / "home" / "waits", os.O_RDONLY | os.O_NONBLOCK)
  assert select.select([waits], [], [], 60)[0], "main did not start"
  os.killpg(process.pid, signal.SIGTERM)
  assert ended(process) == 75
  assert (folder / "run" / "saved").exists()
  assert not (folder / "ended").exists()
