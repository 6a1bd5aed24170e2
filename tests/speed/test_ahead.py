import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

SLICES = "v2-8,v5e-1,v5e-8,v6e-8"


@pytest.fixture(scope="module", params=["ex1", "ex2"])
def estimates(request, tmp_path_factory, configs):
  """What the TPU compiler says of an experiment, by slice."""
  import json

  pytest.importorskip("libtpu", reason="the TPU compiler is not installed")
  out = tmp_path_factory.mktemp("ahead") / "estimates.json"
  command = [
    sys.executable, "-m", "dcgan_jax.benchmark", f"--config={configs}/{request.param}.py",
    f"--compile-for={SLICES}", f"--json={out}",
  ]  # fmt: skip
  as_users_do = {name: value for name, value in os.environ.items() if name != "XLA_FLAGS"}
  subprocess.run(command, check=True, env=as_users_do)
  return {found["name"]: found for found in json.loads(out.read_text())}


def test_every_slice_was_compiled_for(estimates):
  assert ",".join(estimates) == SLICES


def test_the_dispatch_fits_every_chip(estimates):
  assert all(found["fits"] for found in estimates.values())


def test_nothing_reaches_for_the_host_and_the_data_set_stays_where_it_is(estimates):
  for found in estimates.values():
    assert found["transfers"] == []
    assert found["relayouts"] == []


def test_each_network_s_gradients_are_one_all_reduce(estimates):
  for name, found in estimates.items():
    large = [r for r in found["reductions"] if r["largest"] >= 2**19]
    assert len(large) == (0 if name == "v5e-1" else 2)


def test_batchnorm_adds_twelve_and_the_metrics_one(estimates):
  # Three layers, forwards and backwards, real and generated images together, then the generator's
  # turn; its statistics depend on the updated discriminator and cannot be sent along.
  for name, found in estimates.items():
    assert len(found["reductions"]) == (0 if name == "v5e-1" else 2 + 12 + 1)
