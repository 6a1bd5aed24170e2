import sys

import pytest

from dcgan_jax.checkup import asking
from dcgan_jax.errors import UserError


@pytest.fixture
def probe(monkeypatch):
  """Has another program stand for the probe."""

  def probe(program):
    monkeypatch.setattr(asking, "_PROBE", [sys.executable, "-c", program])

  return probe


def message():
  with pytest.raises(UserError) as caught:
    asking.ask_jax()
  return str(caught.value)


def test_jax_answers_with_the_devices_of_the_tests():
  answer, _ = asking.ask_jax()
  assert (answer["platform"], answer["kind"], answer["memory"]) == ("cpu", "cpu", None)
  assert answer["count"] >= 1


def test_a_platform_that_is_not_here_is_an_answer_too(monkeypatch):
  monkeypatch.setenv("JAX_PLATFORMS", "cuda,nonsense")
  answer, _ = asking.ask_jax()
  assert answer["error"].startswith("no device to compute on: ")


def test_what_others_print_before_the_answer_is_passed_over(probe):
  probe("import sys; print('a library says hello'); sys.stderr.write('one\\ntwo\\n'); print('{}')")
  assert asking.ask_jax() == ({}, "two")


def test_a_jax_that_cannot_be_imported_is_told_with_its_last_line(probe):
  probe("import no_such_module")
  assert message().splitlines() == [
    "jax cannot be used: ModuleNotFoundError: No module named 'no_such_module'",
    asking.SHOW,
  ]


def test_a_jax_that_kills_its_process_is_told(probe):
  probe("import os; os.abort()")
  assert message().startswith("jax cannot be used: killed by SIGABRT\n")


def test_flags_that_xla_does_not_know_are_told(monkeypatch):
  monkeypatch.setenv("XLA_FLAGS", "--xla_no_such_flag=1")
  assert message().startswith("jax cannot be used: ")


def test_a_jax_that_does_not_answer_is_not_waited_for(probe, monkeypatch):
  monkeypatch.setattr(asking, "_SECONDS", 0.2)
  probe("import signal; signal.pause()")
  first, command = message().splitlines()
  assert first.startswith("jax has found no devices within 0.2 s: another process may hold them")
  assert command == "JAX_PLATFORMS=cpu python -m dcgan_jax.doctor"


def test_the_memory_of_a_gpu_is_left_to_trainings(probe):
  probe("import json, os; print(json.dumps(dict(os.environ)))")
  assert asking.ask_jax()[0]["XLA_PYTHON_CLIENT_PREALLOCATE"] == "false"
