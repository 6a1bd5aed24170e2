import pytest

from dcgan_jax.checkup import devices
from dcgan_jax.checkup.finding import State
from dcgan_jax.errors import UserError

CPU = {"platform": "cpu", "kind": "cpu", "count": 1, "memory": None}
TPUS = {"platform": "tpu", "kind": "TPU v5 lite", "count": 8, "memory": 16 * 2**30}


@pytest.fixture
def jax_says(monkeypatch):
  """Has jax give an answer, beside what it says on its way."""

  def jax_says(answer, said=""):
    monkeypatch.setattr(devices, "ask_jax", lambda: (answer, said))

  return jax_says


@pytest.fixture
def here(monkeypatch, tmp_path):
  """Has accelerators be in /dev, by their files, and packages be installed; else none are."""

  def here(*files, packages=()):
    for file in files:
      (tmp_path / file).touch()
    monkeypatch.setattr(devices, "installed", lambda name: "1.0" if name in packages else None)

  monkeypatch.setattr(devices, "_DEV", tmp_path)
  monkeypatch.delenv("JAX_PLATFORMS", raising=False)
  here()
  return here


def found():
  return list(devices.findings(None))


def test_a_cpu_is_a_device(jax_says, here):
  jax_says(CPU)
  (line,) = found()
  assert (line.state, line.what, line.detail) == (State.GOOD, "devices", "1 cpu device")


def test_of_accelerators_kind_number_and_memory_are_told(jax_says, here):
  jax_says(TPUS)
  here("accel0", packages=["libtpu"])
  (line,) = found()  # nothing of /dev is unused
  assert line.detail == "8 TPU v5 lite devices, 16 GiB of memory each for jax"


def test_a_gpu_without_its_package_is_told_with_the_command(jax_says, here, tmp_path):
  jax_says(CPU)
  here("nvidia0")
  _, unused = found()
  assert (unused.state, unused.what, unused.vital) == (State.WRONG, "NVIDIA GPU", False)
  assert unused.detail.startswith(f"{tmp_path}/nvidia0 is there, but this jax cannot use it")
  assert unused.fix == 'pip install ".[cuda]"'


def test_a_tpu_that_its_package_cannot_use_is_told_with_jaxs_own_words(jax_says, here):
  jax_says(CPU, "The TPU is already in use by process with pid 42")
  here("accel0", packages=["libtpu"])
  _, unused = found()
  assert (unused.state, unused.what) == (State.WRONG, "TPU")
  assert unused.detail.endswith("cannot use it: The TPU is already in use by process with pid 42")


def test_a_gpu_that_was_not_asked_for_is_not_missed(jax_says, here, monkeypatch):
  monkeypatch.setenv("JAX_PLATFORMS", "cpu")
  jax_says(CPU)
  here("nvidia0", packages=["jax-cuda12-plugin"])
  used, unused = found()
  assert used.detail == "1 cpu device (JAX_PLATFORMS=cpu)"
  assert (unused.state, unused.fix) == (State.ABSENT, "unset JAX_PLATFORMS")


def test_a_platform_that_was_asked_for_in_vain_stops_trainings(jax_says, here, monkeypatch):
  monkeypatch.setenv("JAX_PLATFORMS", "cuda")
  jax_says({"error": "no device to compute on: unknown backend\nCompute on the CPU."})
  (line,) = found()
  assert line.detail == "JAX_PLATFORMS=cuda: no device to compute on: unknown backend"
  assert (line.vital, line.fix) == (True, 'pip install ".[cuda]"')


def test_where_the_package_is_there_the_message_has_its_own_way_out(jax_says, here, monkeypatch):
  monkeypatch.setenv("JAX_PLATFORMS", "tpu")
  here(packages=["libtpu"])
  jax_says({"error": "no device to compute on: held\nCompute on the CPU."})
  assert found()[0].fix == "Compute on the CPU."


def test_a_jax_without_an_answer_is_the_checks_failure(here, monkeypatch):
  def silent():
    raise UserError("jax cannot be used")

  monkeypatch.setattr(devices, "ask_jax", silent)
  with pytest.raises(UserError, match="jax cannot be used"):
    found()
