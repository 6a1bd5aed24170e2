import subprocess
import sys

import jax
import numpy as np
import pytest
from jax import export
from untrained_generator import arguments_of, assert_draws_as, untrained_generator

from dcgan_jax.exporting.forward import forward
from dcgan_jax.exporting.stablehlo import NAME, to_stablehlo, write
from dcgan_jax.models.build import NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_draws_what_flax_draws_in_batches_of_any_size(name, tmp_path):
  generator = untrained_generator(name)
  (told,) = write(generator, tmp_path)
  assert told.startswith("Lowered for cpu, cuda, tpu;")
  read = export.deserialize((tmp_path / NAME).read_bytes())
  for count in (1, 3):
    assert_draws_as(generator, jax.jit(read.call), count)


def test_no_path_of_this_machine_goes_with_it():
  limit = jax.config.values["jax_traceback_in_locations_limit"]
  written = bytes(to_stablehlo(untrained_generator("projection")).serialize())
  assert b".py" not in written
  assert b"dcgan_jax/" not in written
  assert jax.config.values["jax_traceback_in_locations_limit"] == limit


def test_colour_at_64_pixels():
  generator = untrained_generator("radford_dcgan", (64, 64, 3))
  assert_draws_as(generator, to_stablehlo(generator).call, 2)


def test_a_wide_model_takes_winograds_products_for_any_batch():
  generator = untrained_generator("pixelnorm_dcgan", width=16)
  exported = to_stablehlo(generator)
  # One product for each of 9 or, at stride 1, 16; that of taps would be one for each convolution.
  assert exported.mlir_module().count("stablehlo.dot_general") > 2 * 9
  assert_draws_as(generator, jax.jit(exported.call), 3)


def test_it_is_for_all_platforms():
  exported = to_stablehlo(untrained_generator("radford_dcgan"))
  assert exported.platforms == ("cpu", "cuda", "tpu")
  assert "stablehlo.convolution" in exported.mlir_module()  # theirs that are no CPUs


ALONE = """
import sys
import jax
import numpy as np
from jax import export

path, arguments = sys.argv[1:3]
generator = export.deserialize(open(path, "rb").read())
given = np.load(arguments)
drawn = [generator.call(given["latents"][:n], given["classes"][:n]) for n in (1, 3, 64)]
np.savez(sys.argv[3], *drawn)
assert not any(name.startswith(("dcgan_jax", "flax")) for name in sys.modules)
"""


def test_jax_alone_calls_it_with_1_3_and_64(tmp_path):
  generator = untrained_generator("projection")
  write(generator, tmp_path)
  latents, classes = arguments_of(generator, 64)
  np.savez(tmp_path / "given.npz", latents=latents, classes=classes)
  command = [sys.executable, "-c", ALONE, tmp_path / NAME, tmp_path / "given.npz"]
  ran = subprocess.run(
    [*command, tmp_path / "drawn.npz"], capture_output=True, text=True, cwd=tmp_path, check=False
  )
  assert ran.returncode == 0, ran.stderr
  drawn = np.load(tmp_path / "drawn.npz")
  for key, count in zip(drawn.files, (1, 3, 64), strict=True):
    expected = jax.jit(forward(generator))(latents[:count], classes[:count])
    np.testing.assert_allclose(drawn[key], expected, rtol=0, atol=1e-5)
