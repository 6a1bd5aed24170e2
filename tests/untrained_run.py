"""A workdir to read from, without the minutes that compiling a training takes."""

import json
import pathlib
from collections.abc import Sequence

import jax
import numpy as np
from small import small_config

from dcgan_jax.checkpoints import Checkpoints
from dcgan_jax.data.prepared import load_prepared
from dcgan_jax.data.selection import only
from dcgan_jax.gan.state import create_state, make_optimizers
from dcgan_jax.models.build import build
from dcgan_jax.record import make_record

CLASSES = ("angry", "happy", "sad")


def write_checkpoints(
  workdir: pathlib.Path,
  steps: Sequence[int],
  data_dir: pathlib.Path | None = None,
  model: str = "pixelnorm_dcgan",
  expression: str | None = None,
  class_names: Sequence[str] = CLASSES,
) -> None:
  """Checkpoints of the small config as a run leaves them, but for random numbers as weights.

  They differ from step to step, and the raw weights from their average. Without a data directory
  the record knows no more of the data than the images' shape and some classes.
  """
  config = small_config(data_dir or workdir / "data")
  config.model.name, config.data.expression = model, expression
  data = {"image_shape": [48, 48, 1], "class_names": class_names}
  data["class_counts"] = [5, 3, 2][: len(class_names)]
  record = {"config": config.to_dict(), "data": data}
  if data_dir:
    faces = load_prepared("synthetic", "train", str(data_dir))
    faces = only(faces, expression, "synthetic/train") if expression else faces
    record = make_record(config, faces)
  networks = build(config.model, (48, 48, 1), len(record["data"]["class_names"]))
  like = jax.eval_shape(
    lambda: create_state(networks, make_optimizers(config.optimizer), config.seed)
  )
  checkpoints = Checkpoints(workdir, keep_latest=len(steps))
  rng = np.random.default_rng(0)
  for step in steps:
    # Not below 0: some of them are variances.
    state = jax.tree.map(lambda leaf: (rng.random(leaf.shape) / 10).astype(leaf.dtype), like)
    checkpoints.save(step, state, record)
  checkpoints.close()
  (workdir / "config.json").write_text(json.dumps(record["config"]))
