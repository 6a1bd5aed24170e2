"""The Slurm job, with stand-ins for srun and scontrol."""

import subprocess

import pytest

TEN_MINUTES = "SECONDS >= 600"


def slurm(repository, environment, *arguments, seconds=600):
  script = (repository / "launch" / "slurm.sh").read_text()
  assert TEN_MINUTES in script
  return subprocess.run(
    ["bash", "-c", script.replace(TEN_MINUTES, f"SECONDS >= {seconds}"), "slurm.sh", *arguments],
    env=environment | {"SLURM_JOB_ID": "7", "SLURM_CPUS_PER_TASK": "8"},
    check=False, capture_output=True, text=True,
  )  # fmt: skip


@pytest.mark.parametrize(
  ("code", "again"), [(0, False), (2, False), (3, False), (75, True), (134, True)]
)
def test_the_job_queues_itself_again_where_the_training_was_interrupted(
  repository, stand_ins, code, again
):
  stand_ins.add("srun", f'echo "with $SRUN_CPUS_PER_TASK"; exit {code}')
  stand_ins.add("scontrol")
  done = slurm(repository, stand_ins.environment, "--config=a b.py", seconds=0)
  assert done.returncode == code
  assert done.stdout == "with 8\n"
  assert stand_ins.called("srun") == ["srun .venv/bin/python -m dcgan_jax.main --config=a b.py"]
  assert stand_ins.called("scontrol") == (["scontrol requeue 7"] if again else [])


def test_what_fails_at_once_is_not_tried_again(repository, stand_ins):
  stand_ins.add("srun", "exit 134")
  stand_ins.add("scontrol")
  assert slurm(repository, stand_ins.environment).returncode == 134
  assert not stand_ins.called("scontrol")


def test_a_dry_run_prints_what_would_run_and_runs_nothing(repository, stand_ins):
  stand_ins.add("srun")
  done = slurm(repository, stand_ins.environment, "--dry-run", "--config=configs/ex2.py")
  assert done.returncode == 0
  assert done.stdout.rstrip() == "srun .venv/bin/python -m dcgan_jax.main --config=configs/ex2.py"
  assert not stand_ins.called()
