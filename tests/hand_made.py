"""A run's workdir made by hand: all that its page shows, without a training."""

import json
import pathlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from small import small_config

from dcgan_jax import figures

Row = dict[str, Any]

SESSION = {
  "began": "2026-01-02T03:04:05+00:00", "step": 0, "log_every": 4,
  "command": "python -m dcgan_jax.main --config=configs/ex2.py --workdir=runs/a",
  "platform": "cpu", "devices": "1 × cpu", "processes": 1, "processor": "Some CPU", "cores": 2,
  "versions": {"jax": "0.10.2", "python": "3.11.7"},
}  # fmt: skip
DATA = {
  "fingerprint": "f" * 8, "num_examples": 90, "image_shape": [48, 48, 1],
  "class_names": ["angry", "happy"], "class_counts": [40, 50],
}  # fmt: skip
FLOORS = [
  {"kind": "disjoint", "fid": 20.0, "num": 16, "against": 74, "splits": 3, "low": 19.0,
   "high": 21.0, "other": ""},
  {"kind": "held out", "fid": 25.0, "num": 10, "against": 90, "splits": 1, "low": 25.0,
   "high": 25.0, "other": "synthetic/test"},
]  # fmt: skip


def config_of(**fields: Any) -> Row:
  """The small config as config.json has it, with other values of its fields by name."""
  return json.loads(json.dumps(small_config(pathlib.Path("data")).to_dict())) | fields


def logged(step: int, **scalars: Any) -> Row:
  """A line of metrics.jsonl."""
  return {
    "step": step, "discriminator_loss": 0.5, "generator_loss": 2.0, "accuracy_real": 0.75,
    "accuracy_fake": 0.875, "discriminator_gradient_norm": 1.5, "generator_gradient_norm": 0.25,
    "images_per_second": 200.0,
  } | scalars  # fmt: skip


def scored(metric: str, value: float | None, step: int = 9, **more: Any) -> Row:
  """A line of evaluation.jsonl."""
  asked = next(name for name in ("fid", "kid", metric) if metric.startswith(name))
  return {
    "metric": metric, "value": value, "num": 16, "error": None, "note": "", "details": {},
    "subject": {"step": step, "generator": "raw", "saved_at": 1},
    "request": {"metric": asked, "num": 16, "seed": 0}, "part": 0, "parts": 1,
  } | more  # fmt: skip


def write_lines(path: pathlib.Path, rows: Iterable[Any]) -> None:
  """A file of JSON lines."""
  path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def write_picture(path: pathlib.Path, gray: int = 128, size: int = 8) -> None:
  """A picture of one gray, each of its size × size pixels 2 wide and high, as runs draw them."""
  figures.save_png(path, np.full((size, size, 1), gray, np.uint8), scale=2)


def write_run(workdir: pathlib.Path) -> pathlib.Path:
  """A run of 12 steps that was stopped at step 9, after it had been scored; returns its folder."""
  workdir.mkdir(parents=True, exist_ok=True)
  (workdir / "config.json").write_text(json.dumps(config_of()))
  about = {"total_steps": 12, "data": DATA, "sessions": [SESSION]}
  (workdir / "run.json").write_text(json.dumps(about))
  write_lines(workdir / "metrics.jsonl", [logged(4), logged(8, discriminator_loss=0.25)])
  for gray, step in ((60, 3), (120, 6), (180, 9)):
    write_picture(workdir / "samples" / f"{step:08d}.png", gray)
    write_picture(workdir / "samples" / f"{step:08d}_ema.png", gray + 20)
  for step in (6, 9):
    (workdir / "checkpoints" / str(step)).mkdir(parents=True)
    (workdir / "checkpoints" / str(step) / "_CHECKPOINT_METADATA").write_text("{}")
  scores = [
    scored("fid16_train", 80.0, step=6, details={"floors": FLOORS}),
    scored("fid16_train", 40.0, details={"floors": FLOORS}, note="a note"),
    scored("kid16_train", 0.0125, error=0.0025),
    scored("memorization_pixels16_train", 0.97),
  ]
  write_lines(workdir / "evaluation.jsonl", scores)
  (workdir / "evaluation").mkdir()
  write_picture(workdir / "evaluation" / "00000009_raw_memorization_pixels16_train.png")
  return workdir
