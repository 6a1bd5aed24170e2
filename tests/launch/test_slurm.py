"""The Slurm job, with stand-ins for srun and scontrol."""

import subprocess

import pytest


def slurm(repository, environment, *arguments):
  return subprocess.run(
    ["bash", repository / "launch" / "slurm.sh", *arguments], check=False, capture_output=True,
    text=True, env=environment | {"SLURM_JOB_ID": "7"},
  )  # fmt: skip


@pytest.mark.parametrize(
  ("code", "again"), [(0, False), (2, False), (3, False), (75, True), (134, True)]
)
def test_the_job_queues_itself_again_where_the_training_was_interrupted(
  repository, stand_ins, code, again
):
  stand_ins.add("srun", f"exit {code}")
  stand_ins.add("scontrol")
  done = slurm(repository, stand_ins.environment, "--config=a b.py")
  assert done.returncode == code
  assert stand_ins.called("srun") == ["srun .venv/bin/python -m dcgan_jax.main --config=a b.py"]
  assert stand_ins.called("scontrol") == (["scontrol requeue 7"] if again else [])


def test_a_dry_run_prints_what_would_run_and_runs_nothing(repository, stand_ins):
  stand_ins.add("srun")
  done = slurm(repository, stand_ins.environment, "--dry-run", "--config=configs/ex2.py")
  assert done.returncode == 0
  assert done.stdout.rstrip() == "srun .venv/bin/python -m dcgan_jax.main --config=configs/ex2.py"
  assert not stand_ins.called()
