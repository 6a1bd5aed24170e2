"""Measures how fast a config trains here, on random images of the size it is for.

Or compiles it for TPUs that are not here, and prints what their compiler says of memory, of
arithmetic and of all-reduces (pip install ".[tpu]"), for a set of FER-2013's size.

examples:
  python -m dcgan_jax.benchmark --config=configs/ex2.py
  python -m dcgan_jax.benchmark --config=configs/ex2.py --config.batch_size=64 --json=speed.json
  python -m dcgan_jax.benchmark --config=configs/ex2.py --compile-for=v2-8,v5e-1
"""

import math
import os
import pathlib
import sys
from typing import Any, NoReturn

from absl import app, flags
from ml_collections import ConfigDict

from dcgan_jax.config_flag import define_config, make_parser
from dcgan_jax.errors import EXIT_OK, UserError, fail, run_command
from dcgan_jax.files import write_json
from dcgan_jax.startup import prepare_process
from dcgan_jax.waiting import doing

define_config()
_SECONDS = flags.DEFINE_float(
  "seconds", 20.0, "how many seconds to measure, at least (default 20)", lower_bound=0.0
)
_JSON = flags.DEFINE_string("json", None, "file that the figures are written to as well")
_COMPILE_FOR = flags.DEFINE_list(
  "compile-for", [], "TPU slices to compile for: v2-8, v5e-1, v5e-8, v6e-8, v5e-256, ..."
)

# FER-2013's training set.
_NUM_IMAGES, _NUM_CLASSES = 28_709, 7


def main(argv: list[str]) -> NoReturn:
  """Measures or compiles, and prints what it found."""
  del argv
  prepare_process()
  if _COMPILE_FOR.value:
    _leave_tpus_alone()
  config = flags.FLAGS.config
  if _JSON.value and pathlib.Path(_JSON.value).is_dir():
    fail("benchmark", f"--json={_JSON.value}: a folder; name a file in it.")
  run_command("benchmark", lambda: benchmark(config, _COMPILE_FOR.value, _SECONDS.value))


def benchmark(config: ConfigDict, slices: list[str], seconds: float) -> int:
  """Prints the figures of a config, and writes them where --json says.

  Args:
    config: as from a config file.
    slices: of speed/chips.py; none measures the present device.
    seconds: to measure for.

  Raises:
    UserError: a bad config, an unknown slice, no TPU compiler, a --json that cannot be written.
  """
  with doing("loading JAX"):
    import jax

    from dcgan_jax import config as configs
    from dcgan_jax import parallel
    from dcgan_jax.models import build
    from dcgan_jax.precision_check import settle_precision
    from dcgan_jax.speed import ahead, tables
    from dcgan_jax.speed.chips import find_slice
    from dcgan_jax.speed.measured import measure

  parallel.check_devices()
  for devices in [find_slice(name).devices for name in slices] or [jax.device_count()]:
    configs.check(config, devices)
  shape = (config.model.image_size, config.model.image_size, config.model.channels)
  if problems := build.problems(config.model, shape, _NUM_CLASSES):
    raise UserError("\n".join(f"config.model: {problem}." for problem in problems))
  data = _random_data(shape)
  found: list[dict[str, Any]] = []
  if not slices:
    settle_precision(config, None)
    measured = measure(config, data, shape, _NUM_CLASSES, seconds)
    print(tables.measurement_text(measured, config.precision))
    found.append(tables.measurement_json(measured))
  total = configs.total_steps(config, _NUM_IMAGES)
  for name in slices:
    estimate = ahead.compile_for(name, config, data, shape, _NUM_CLASSES)
    print(tables.estimate_text(estimate, total), flush=True)
    found.append(tables.estimate_json(estimate, total))
  if _JSON.value:
    _write(pathlib.Path(_JSON.value), found)
  return EXIT_OK


def _write(path: pathlib.Path, found: list[dict[str, Any]]) -> None:
  try:
    write_json(path, found)
  except OSError as error:
    raise UserError(f"--json={path}: cannot be written: {error.strerror or error}.") from error


def _leave_tpus_alone() -> None:
  """Has jax and libtpu only compile; to be called before jax is loaded."""
  os.environ.setdefault("JAX_PLATFORMS", "cpu")
  # Or libtpu asks the cloud which machine this is, waits, and complains.
  os.environ.setdefault("TPU_SKIP_MDS_QUERY", "1")
  os.environ.setdefault("TPU_WORKER_HOSTNAMES", "localhost")
  os.environ.setdefault("TPU_ACCELERATOR_TYPE", "v2-8")
  # Nothing can be read back from the cache without the TPU, and jax would say so at length.
  os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "false"


def _random_data(image_shape: tuple[int, int, int]) -> Any:
  import numpy as np

  from dcgan_jax.batch import Batch

  draw = np.random.default_rng(0).integers
  images = draw(0, 256, (_NUM_IMAGES, math.prod(image_shape)), np.uint8)
  return Batch(images, draw(0, _NUM_CLASSES, _NUM_IMAGES, np.int32))


if __name__ == "__main__":
  sys.exit(app.run(main, flags_parser=make_parser("benchmark", str(__doc__))))
