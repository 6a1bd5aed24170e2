"""A TPU is asked for, watched, asked for again, and given back; gcloud is a stand-in."""

import subprocess

import pytest

ASKED = ["--name=faces", "--bucket=gs://bucket", "--zone=us-west4-a"]
FLAGS = ["--", "--config=configs/ex2.py", "--config.num_epochs=10"]
QUEUE = "gcloud compute tpus queued-resources"


@pytest.fixture
def tpu(repository, stand_ins, cloud):
  """Runs tpu.sh while a TPU goes through some states."""
  for name in ("sleep", "git"):
    stand_ins.add(name)

  def run(*arguments, states=()):
    (cloud / "states").write_text("".join(f"{state}\n" for state in states))
    return subprocess.run(
      ["bash", repository / "launch" / "tpu.sh", *arguments], check=False, capture_output=True,
      text=True, env=stand_ins.environment,
    )  # fmt: skip

  return run


def actions(stand_ins):
  """What was done with TPUs, looking aside."""
  done = [line.removeprefix(QUEUE).split()[0] for line in stand_ins.called(QUEUE)]
  return [action for action in done if action != "describe"]


def test_a_tpu_that_is_taken_away_is_asked_for_again_and_given_back_at_the_end(tpu, stand_ins):
  states = ["NONE", "PROVISIONING", "ACTIVE", "SUSPENDED", "ACTIVE", "ENDED 0"]
  done = tpu(*ASKED, *FLAGS, states=states)
  assert done.returncode == 0, done.stderr
  assert actions(stand_ins) == ["create", "delete", "create", "delete"]
  create = stand_ins.called(f"{QUEUE} create")[0]
  assert "--accelerator-type=v5litepod-1" in create
  assert "--spot" in create
  assert "The TPU was taken away" in done.stderr
  assert "gs://bucket/faces/run" in done.stderr


def test_its_code_is_that_of_the_training(tpu):
  done = tpu(*ASKED, *FLAGS, states=["NONE", "ENDED 3"])
  assert done.returncode == 3
  assert "main ended with code 3" in done.stderr


def test_one_that_its_host_has_given_back_is_no_mistake(tpu, cloud):
  (cloud / "fails").write_text("compute tpus queued-resources delete\n")
  assert tpu(*ASKED, *FLAGS, states=["NONE", "ENDED 0"]).returncode == 0


def test_a_training_that_runs_is_watched_and_nothing_else(tpu, stand_ins, cloud):
  (cloud / "bucket" / "faces" / "log.txt").write_text("step 100/200 …\nstep 200/200 …\n")
  done = tpu(*ASKED, *FLAGS, states=["ACTIVE", "ACTIVE", "ACTIVE", "ENDED 0"])
  assert done.returncode == 0, done.stderr
  assert "ACTIVE step 200/200" in done.stderr
  assert actions(stand_ins) == ["delete"]
  assert not stand_ins.called("gcloud storage cp")


def test_one_that_has_ended_can_go_on_with_other_flags(tpu, cloud, stand_ins):
  (cloud / "bucket" / "faces" / "ended").write_text("0\n")
  assert tpu(*ASKED, *FLAGS, states=["NONE", "ENDED 0"]).returncode == 0
  assert len(stand_ins.called(f"{QUEUE} create")) == 1


def test_a_tpu_that_somebody_deletes_is_not_asked_for_again(tpu, stand_ins):
  done = tpu(*ASKED, *FLAGS, states=["NONE", "ACTIVE", "NONE"])
  assert done.returncode == 1
  assert "somebody has deleted the TPU" in done.stderr
  assert actions(stand_ins) == ["create"]


def test_what_cannot_be_had_is_not_asked_for_again(tpu, stand_ins):
  done = tpu(*ASKED, *FLAGS, states=["NONE", "FAILED", "stateData: no quota"])
  assert done.returncode == 1
  assert "no quota" in done.stderr
  assert actions(stand_ins) == ["create", "delete"]


def test_a_network_that_is_down_ends_no_watch_and_begins_no_training(tpu, stand_ins):
  done = tpu(*ASKED, *FLAGS, states=["ACTIVE", "LOST", "LOST", "ENDED 0"])
  assert done.returncode == 0, done.stderr
  assert "the network is down" in done.stderr
  assert actions(stand_ins) == ["delete"]

  done = tpu("--name=others", *ASKED[1:], *FLAGS, states=["LOST"])
  assert done.returncode == 1
  assert actions(stand_ins) == ["delete"]


def test_the_host_gets_the_run_its_own_name_and_the_flags(tpu, cloud):
  tpu(*ASKED, "--", "--config=my configs/ex2.py", states=["NONE", "ENDED 0"])
  script = (cloud / "startup.sh").read_text()
  told = script.split("# shellcheck")[0] + 'printf "%s\\n" "$@"'
  printed = subprocess.run(["bash", "-c", told], check=True, capture_output=True, text=True).stdout
  assert printed.splitlines() == [
    "gs://bucket/faces", "faces", "us-west4-a", "--config=my configs/ex2.py",
  ]  # fmt: skip
  subprocess.run(["bash", "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize("below", ["", "1.1.0"])
def test_the_data_set_goes_along(tpu, cloud, data_dir, below):
  tpu(*ASKED, f"--data={data_dir}/synthetic/{below}", *FLAGS, states=["NONE", "ENDED 0"])
  there = cloud / "bucket" / "faces" / "data" / "synthetic"
  assert {path.name for path in there.iterdir()} == {
    path.name for path in (data_dir / "synthetic").iterdir()
  }


def test_a_classifier_goes_along_to_where_it_lies_here(tpu, cloud):
  tpu(*ASKED, "--take=launch", *FLAGS, states=["NONE", "ENDED 0"])
  assert (cloud / "bucket" / "faces" / "taken" / "launch" / "tpu.sh").exists()


def test_a_dry_run_prints_what_would_run_and_runs_nothing(tpu, stand_ins, data_dir):
  done = tpu("--dry-run", *ASKED, f"--data={data_dir}/synthetic", "--on-demand", *FLAGS)
  assert done.returncode == 0, done.stderr
  kinds = [" ".join(line.split()[:5]) for line in done.stdout.splitlines()]
  assert kinds[0].startswith("git archive")
  assert kinds[1].startswith("gcloud storage cp")
  assert kinds[2].startswith("gcloud storage rsync")
  assert kinds[3:] == [f"{QUEUE} create", f"{QUEUE} delete"]
  assert "--spot" not in done.stdout
  assert not stand_ins.called("gcloud")


@pytest.mark.parametrize(
  "arguments",
  [
    [],
    ASKED,
    [*ASKED[:2], *FLAGS],
    [*ASKED, "--bucket=/mine", *FLAGS],
    [*ASKED, "--config=configs/ex2.py"],
  ],
)
def test_what_is_missing_or_misplaced_is_told_with_the_usage(tpu, stand_ins, arguments):
  done = tpu(*arguments)
  assert done.returncode == 2
  assert done.stderr.startswith("tpu.sh: ")
  assert "FLAGS OF dcgan_jax.main" in done.stderr
  assert not stand_ins.called()


@pytest.mark.parametrize("folder", ["--data=/none", "--take=none", "--take=/", "--take=../here"])
def test_folders_that_cannot_be_taken_along_are_named(tpu, stand_ins, folder):
  done = tpu(*ASKED, folder, *FLAGS)
  assert done.returncode == 2
  assert folder.partition("=")[2] in done.stderr
  assert not stand_ins.called()


def test_help_is_the_files_own_head(tpu):
  done = tpu("--help")
  assert done.returncode == 0
  assert done.stdout.startswith("Trains on a Cloud TPU")
  assert "set -euo" not in done.stdout
