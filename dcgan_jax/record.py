"""What a checkpoint says of its run, and whether a run may continue from it."""

import pathlib
import platform
from importlib import metadata
from typing import Any

import numpy as np
from ml_collections import ConfigDict

from dcgan_jax import __version__
from dcgan_jax import config as configs
from dcgan_jax.checkpoints import Record
from dcgan_jax.config_files import flat
from dcgan_jax.data.prepared import Prepared
from dcgan_jax.errors import UserError

_VERSIONS = ("jax", "jaxlib", "flax", "optax", "orbax-checkpoint", "numpy")


def make_record(
  config: ConfigDict,
  data: Prepared,
  precision_asked: str | None = None,
  classifier: str | None = None,
) -> Record:
  """What goes into every checkpoint beside the state, as plain JSON types.

  Args:
    config: the run's, with the precision that it computes in.
    data: its set.
    precision_asked: what config.precision was before precision_check.py settled it.
    classifier: the SHA-256 of the weights that config.model.classifier had as the run began.
  """
  versions = {name: metadata.version(name) for name in _VERSIONS}
  return {
    "config": config.to_dict(),
    "data": {
      "fingerprint": data.fingerprint,
      "num_examples": len(data.images),
      "image_shape": list(data.images.shape[1:]),
      "class_names": list(data.class_names),
      "class_counts": np.bincount(
        data.labels[data.labels >= 0], minlength=len(data.class_names)
      ).tolist(),
    },
    "precision_asked": precision_asked,
    "classifier": classifier,
    "versions": versions | {"dcgan_jax": __version__, "python": platform.python_version()},
  }


def class_counts(record: Record, num_classes: int) -> list[int]:
  """Images of each class in the training set; empty for a generator of no classes."""
  return list(record["data"]["class_counts"]) if num_classes else []


def check_continues(before: Record, now: Record, step: int, workdir: pathlib.Path) -> None:
  """Whether a run may go on from a checkpoint.

  Args:
    before: the checkpoint's record.
    now: what the run would save.
    step: the checkpoint's.
    workdir: the folder, for the message.

  Raises:
    UserError: the checkpoint is another run's; names each difference.
  """
  found = _differences(before, now)
  if found:
    lines = [f"{workdir} holds another run (step {step}), which this one cannot continue:"]
    lines += [f"- {name}: {there!r} there, {here!r} now" for name, there, here in found]
    raise UserError("\n".join([*lines, "Give this run a folder of its own with --workdir."]))


# Fields that may change in mid-run: none of them changes what a completed step did.
_FREE = {
  "num_epochs", "num_steps", "steps_per_dispatch", "log_every", "sample_every",
  "checkpoint_every", "keep_latest", "keep_every", "data.data_dir", "data.name", "data.split",
  "data.placement",
}  # fmt: skip


def _differences(before: Record, now: Record) -> list[tuple[str, Any, Any]]:
  """What makes two records different runs; the data count by their fingerprint, not by name."""

  def identity(record: Record) -> dict[str, Any]:
    config = configs.completed(record["config"]).to_dict()
    fields = {k: v for k, v in flat(config).items() if k not in _FREE}
    # Its weights are in the checkpoints, wherever the folder lies by now.
    fields["model.classifier"] = bool(fields["model.classifier"])
    # The counts of classes follow from the fingerprint, and older records lack them.
    data = {f"data.{k}": v for k, v in record["data"].items() if k != "class_counts"}
    return {f"config.{k}": v for k, v in fields.items()} | data

  def with_name(record: Record, name: str, value: Any) -> Any:
    if name == "config.model.classifier":
      return record["config"]["model"].get("classifier")
    source = record["config"]["data"]
    is_data = name == "data.fingerprint"
    return f"{source['name']}/{source['split']} ({value[:12]}…)" if is_data else value

  old, new = identity(before), identity(now)
  return [
    (name, with_name(before, name, old.get(name)), with_name(now, name, new.get(name)))
    for name in sorted(old.keys() | new.keys())
    if old.get(name) != new.get(name)
  ]
