"""Several processes of one training, on this machine."""

import os
import pathlib
import socket
import subprocess
import sys
from collections.abc import Sequence

CONFIG = pathlib.Path(__file__).parents[2] / "configs" / "default.py"


def free_port() -> int:
  with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port: int = probe.getsockname()[1]
    return port


def start(
  arguments: Sequence[str], processes: int, devices: int, last: Sequence[str] = ()
) -> list[subprocess.Popen]:
  """Starts the processes, each with so many virtual devices; stderr can be read.

  Args:
    arguments: after `python`, the same for all.
    processes: how many; one alone meets nobody.
    devices: of each.
    last: more arguments, for the last process alone.
  """
  meeting = [f"--coordinator=127.0.0.1:{free_port()}", f"--num_processes={processes}"]
  flags = f"{os.environ['XLA_FLAGS']} --xla_force_host_platform_device_count={devices}"
  return [
    subprocess.Popen(
      [
        sys.executable, *arguments,
        *([*meeting, f"--process_id={index}"] if processes > 1 else []),
        *(last if index == processes - 1 else []),
      ],
      env=os.environ | {"XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"},
      stdout=subprocess.PIPE,
      stderr=subprocess.PIPE,
      text=True,
    )
    for index in range(processes)
  ]  # fmt: skip


def finish(started: Sequence[subprocess.Popen], timeout: float = 240) -> list[tuple[int, str, str]]:
  """Waits for all; each one's code, stdout and stderr."""
  found = []
  try:
    for process in started:
      out, err = process.communicate(timeout=timeout)
      found.append((process.returncode, out, err))
  finally:
    for process in started:
      process.kill()
  return found


def training(config, workdir: pathlib.Path, steps: int, **fields: object) -> list[str]:
  """The small config's training; two updates a dispatch, each logged."""
  fields = {
    "num_steps": steps, "num_epochs": 1000, "data.name": "synthetic",
    "data.data_dir": config.data.data_dir, "model.width": 2, "model.latent_size": 8,
    "batch_size": 8, "steps_per_dispatch": 1, "log_every": 1, "sample_every": 1000,
    "checkpoint_every": 4,
  } | fields  # fmt: skip
  flags = [f"--config.{name}={value}" for name, value in fields.items()]
  return ["-m", "dcgan_jax.main", f"--config={CONFIG}", f"--workdir={workdir}", *flags]
