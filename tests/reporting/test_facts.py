import pathlib
import shlex

import pytest
from hand_made import DATA, SESSION, config_of

from dcgan_jax.config_files import reference
from dcgan_jax.reporting import facts
from dcgan_jax.reporting.run_files import RunFiles


def run_of(workdir="runs/a", **files):
  return RunFiles(pathlib.Path(workdir), "a", **files)


def test_the_fields_that_differ_are_told_with_the_usual_value():
  config = reference().to_dict()
  config["batch_size"], config["log_every"] = 32, 1000
  config["optimizer"]["learning_rate"] = 1e-5
  config["data"]["expression"], config["mine"] = "happy", True
  assert sorted(facts.changed(config)) == [
    ("batch_size", "32 (default 16)"),
    ("data.expression", "happy (default none)"),
    ("log_every", "1,000 (default 100)"),
    ("mine", "true"),
    ("optimizer.learning_rate", "1e-05 (default 0.0002)"),
  ]
  assert facts.changed(reference().to_dict()) == []


def test_the_data_are_told():
  run = run_of(config=config_of(), run={"data": DATA})
  assert facts.data_facts(run) == [
    ("set", "synthetic/train"),
    ("images", "90"),
    ("each", "48×48×1 pixels and channels"),
    ("classes", "angry 40, happy 50"),
    ("fingerprint", "ffffffff"),
  ]
  run.config["data"]["expression"] = "happy"
  assert facts.data_facts(run)[0] == ("set", "synthetic/train, happy")
  assert facts.data_facts(run_of()) == []


def test_the_sessions_and_the_versions_of_the_last_one_are_told():
  later = SESSION | {"step": 4000, "command": None, "versions": {"jax": "0.10.3"}}
  run = run_of(run={"sessions": [SESSION, later]})
  first, second = facts.sessions(run)
  assert first == [
    ("began", "2026-01-02T03:04:05+00:00"), ("at step", "0"), ("devices", "1 × cpu"),
    ("processes", "1"), ("processor", "Some CPU"), ("cores", "2"), ("command", SESSION["command"]),
  ]  # fmt: skip
  assert second[1] == ("at step", "4,000")
  assert second[-1] == ("command", "a program's own")
  assert facts.versions(run) == [("jax", "0.10.3")]
  assert facts.versions(run_of()) == facts.sessions(run_of()) == []


def test_it_goes_on_with_the_command_that_was_typed_last():
  sessions = [SESSION, SESSION | {"command": "python -m dcgan_jax.main --again"}]
  sessions.append(SESSION | {"command": None})
  run = run_of(run={"sessions": sessions})
  assert dict(facts.commands(run))["Resume"] == "python -m dcgan_jax.main --again"
  unknown = dict(facts.commands(run_of()))["Resume"]
  assert unknown == "python -m dcgan_jax.main --config=… --workdir=runs/a"


@pytest.mark.parametrize("workdir", ["runs/a", "a b", "it's", '"; rm -rf ~; "', "$(id)", "a\nb"])
def test_the_workdir_is_one_word_of_each_command(workdir):
  commands = dict(facts.commands(run_of(workdir)))
  anew = commands.pop("This page anew")
  assert shlex.split(anew) == ["python", "-m", "dcgan_jax.report", workdir]
  for command in commands.values():
    assert f"--workdir={workdir}" in shlex.split(command)


@pytest.mark.parametrize(
  ("value", "told"),
  [(1000, "1,000"), (True, "true"), (None, "none"), ("text", "text"), (0.5, "0.5"), ([1], "[1]")],
)
def test_values_are_told_for_people(value, told):
  assert facts.text(value) == told
