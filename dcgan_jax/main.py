"""Trains a GAN from a config file.

The same command again resumes from the newest checkpoint in the workdir, to the same bits as an
uninterrupted run on the same machine.

examples:
  python -m dcgan_jax.main --config=configs/quickstart.py
  python -m dcgan_jax.main --config=configs/ex2.py --config.num_epochs=10
  python -m dcgan_jax.main --config=configs/ex2.py --config.batch_size=64 --workdir=runs/big
  python -m dcgan_jax.main --config=configs/radford_fer2013.py --config.data.expression=happy

On several hosts it is started on each. On Cloud TPU pods, under Slurm's srun and under Open MPI 4
the processes find each other; elsewhere they are told:
  python -m dcgan_jax.main ... --coordinator=10.0.0.1:8476 --num_processes=2 --process_id=0

configs/default.py lists the fields of a config and what they mean.

exit codes: 0 finished, 2 a mistake in the command, config or data, 3 diverged, 75 interrupted by
SIGTERM or Ctrl-C after saving. Where one of many processes dies, the others end with 75 or are
aborted (134): start all of them again.
"""

import pathlib
import sys
from typing import NoReturn

from absl import app, flags
from ml_collections import ConfigDict, config_flags

from dcgan_jax.config_flag import define_config, make_parser
from dcgan_jax.errors import EXIT_INTERRUPTED, run_command
from dcgan_jax.interruption import Interruption
from dcgan_jax.startup import prepare_process
from dcgan_jax.waiting import doing

define_config()
_WORKDIR = flags.DEFINE_string(
  "workdir", None, "the run's folder (default runs/ and the config's name, and the expression's)"
)
_COORDINATOR = flags.DEFINE_string("coordinator", None, "host:port of the first of many processes")
_NUM_PROCESSES = flags.DEFINE_integer("num_processes", None, "how many processes train together")
_PROCESS_ID = flags.DEFINE_integer("process_id", None, "which of them this is; the first is 0")
_WANDB = flags.DEFINE_boolean(
  "wandb", False, "shows the run in Weights & Biases too; WANDB_MODE=offline keeps it here"
)


def main(argv: list[str]) -> NoReturn:
  """Trains, and exits with the code documented above."""
  del argv
  config = flags.FLAGS.config
  data = config.get("data")
  expression = data.get("expression") if isinstance(data, ConfigDict) else None
  if expression == "":
    # What --config.data.expression= means: all classes as one.
    config.data.expression = expression = None
  name = expression if isinstance(expression, str) else None  # else a mistake, told of in train()
  config_file = config_flags.get_config_filename(flags.FLAGS["config"])
  workdir = pathlib.Path(_WORKDIR.value or default_workdir(config_file, name))
  prepare_process()

  def start() -> int:
    # Imports lose exceptions, an interruption's too.
    with Interruption() as interruption, doing("loading JAX"):
      from dcgan_jax import processes, train, train_each  # jax loads once the flags are sound
    if interruption.requested:
      print(f"{interruption.requested.name}: nothing was begun.", file=sys.stderr)
      return EXIT_INTERRUPTED

    one_or_each = train_each.train_each if expression == train_each.EACH else train.train
    processes.join(processes.Together(_COORDINATOR.value, _NUM_PROCESSES.value, _PROCESS_ID.value))
    with processes.leaving_at_an_error("main"):
      return one_or_each(config, workdir, _WANDB.value)

  run_command("main", start)


def default_workdir(config_file: str, expression: str | None) -> pathlib.Path:
  """runs/ and the config's name; a model of one class lies where a run of each class has it."""
  run = pathlib.Path("runs") / pathlib.Path(config_file).stem
  return run / expression if expression and expression != "each" else run


if __name__ == "__main__":
  sys.exit(app.run(main, flags_parser=make_parser("main", str(__doc__))))
