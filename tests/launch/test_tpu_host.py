"""What a TPU's host does from start to end; gcloud and the metadata server are stand-ins."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tarfile

import pytest

from .conftest import mark_as_made

# Takes its code from $HOME/codes, one a time; with none left it waits for SIGTERM, as main obeys.
STUB = """#!/bin/bash
echo "python $*" >>"$NOTES"
mkdir -p ../run
code=$(head -n 1 "$HOME/codes")
sed -i 1d "$HOME/codes"
if [[ -z "$code" ]]; then
  trap 'echo saved >../run/saved; exit 75' TERM
  echo waits >&2
  while true; do sleep 0.05; done
fi
exit "$code"
"""


@pytest.fixture
def host(checkout, stand_ins, cloud, tmp_path):
  """Starts tpu_host.sh as a host with such a number, whose `python` ends with such codes."""
  home = tmp_path / "home"
  with tarfile.open(cloud / "bucket" / "faces" / "code.tar.gz", "w:gz") as archive:
    for name in ("dcgan_jax", "configs", "launch"):
      archive.add(checkout / name, name)

  def start(number, *flags, codes=None):
    stand_ins.add("curl", f"echo {number}")
    shutil.rmtree(home, ignore_errors=True)  # each host is a new one
    shutil.copytree(checkout / "launch", home / "dcgan_jax" / "launch")
    shutil.copytree(checkout / ".venv", home / "dcgan_jax" / ".venv")
    mark_as_made(home / "dcgan_jax" / ".venv", "requirements-tpu.txt")
    if codes is not None:
      (home / "dcgan_jax" / ".venv" / "bin" / "python").write_text(STUB)
      (home / "codes").write_text("".join(f"{code}\n" for code in codes))
    environment = stand_ins.environment | {"HOME": str(home), "PYTHON": sys.executable}
    script = checkout / "launch" / "tpu_host.sh"
    with (tmp_path / "said").open("w") as said:  # no pipe: what sleeps until the next copy holds it
      return subprocess.Popen(
        ["bash", script, "gs://bucket/faces", *flags], env=environment, stdout=said,
        stderr=said, start_new_session=True,
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
def test_a_host_trains_and_another_one_goes_on_from_the_bucket(host, cloud, data_dir):
  run = cloud / "bucket" / "faces"
  shutil.copytree(data_dir / "synthetic", run / "data" / "synthetic")
  flags = ["--config=configs/quickstart.py", "--config.model.width=2", "--config.batch_size=4"]
  for steps in (2, 4):
    assert ended(host(0, *flags, f"--config.num_steps={steps}")) == 0
    assert (run / "ended").read_text() == "0\n", (run / "run" / "log.txt").read_text()
  log = (run / "run" / "log.txt").read_text()
  assert "Finished at step 2." in log
  assert "Resuming from the checkpoint of step 2." in log
  assert "Finished at step 4." in log
  assert not (run / "run" / "lock").exists()


def test_where_main_is_stopped_or_aborted_it_starts_again(host, cloud, stand_ins):
  assert ended(host(0, "--config=c.py", codes=[75, 134, 3])) == 0
  assert (
    stand_ins.called("python") == ["python -m dcgan_jax.main --workdir=../run --config=c.py"] * 3
  )
  assert (cloud / "bucket" / "faces" / "ended").read_text() == "3\n"


def test_the_first_host_alone_writes_to_the_bucket(host, cloud):
  assert ended(host(1, codes=[0])) == 0
  assert {path.name for path in (cloud / "bucket" / "faces").iterdir()} == {"code.tar.gz"}


def test_a_host_that_is_taken_away_keeps_what_main_saves_and_ends_nothing(host, cloud, tmp_path):
  process = host(0, codes=[])
  log = tmp_path / "home" / "run" / "log.txt"
  while not log.exists() or "waits" not in log.read_text():
    assert process.poll() is None
  os.killpg(process.pid, signal.SIGTERM)
  assert ended(process) == 0
  assert (cloud / "bucket" / "faces" / "run" / "saved").exists()
  assert not (cloud / "bucket" / "faces" / "ended").exists()
