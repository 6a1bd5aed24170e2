"""The page of one run: report.html in its workdir."""

import json
import pathlib
from typing import Any

from dcgan_jax.files import replacing
from dcgan_jax.models.build import CONDITIONAL
from dcgan_jax.quantities import seconds_text
from dcgan_jax.reporting import facts
from dcgan_jax.reporting.chart import number
from dcgan_jax.reporting.curves import protocol, score_charts, training_charts, value_of
from dcgan_jax.reporting.pictures import Picture, PictureError, picture, spread
from dcgan_jax.reporting.render import drawn, render
from dcgan_jax.reporting.run_files import RunFiles, read_run
from dcgan_jax.reporting.score_table import score_tables
from dcgan_jax.reporting.standing import Standing, standing

NAME = "report.html"

_KINDS = {"": "raw", "_ema": "averaged (EMA)"}
# What the kinds of `standing` are called.
STATES = {
  "training": "training",
  "finished": "finished",
  "diverged": "diverged",
  "stopped": "not finished",
}


def write_page(
  workdir: pathlib.Path,
  out: pathlib.Path | None = None,
  *,
  training: bool | None = None,
  with_training_images: bool = True,
) -> None:
  """Writes the page of a run, whatever state its workdir is in.

  Args:
    workdir: an existing folder.
    out: the file; default report.html in it.
    training: whether it trains; default what its lock says.
    with_training_images: whether the page shows the training images closest to samples.

  Raises:
    OSError: it cannot be written.
  """
  text = page(read_run(workdir), training, with_training_images)
  with replacing(out or workdir / NAME) as temporary:
    temporary.write_text(text, encoding="utf-8", errors="backslashreplace")


def page(run: RunFiles, training: bool | None = None, with_training_images: bool = True) -> str:
  """The page as HTML. Arguments as above."""
  stands = standing(run, training)
  missing = list(run.missing)
  frames, newest = _frames(run, missing)
  pairs = _pairs(run, missing) if with_training_images else []
  kinds = list(frames)
  tables = score_tables(run.scores)
  commands = facts.commands(run)
  return render(
    "run.html.j2",
    title=run.name,
    standing=stands,
    state=STATES[stands.kind],
    summary=_summary(stands),
    numbers=_numbers(run, stands),
    missing=missing,
    frames=frames,
    newest=newest,
    shown=kinds[-1] if kinds else None,
    columns=_columns(run),
    faces_note=_faces_note(run),
    training_charts=drawn(training_charts([run]), "training"),
    score_charts=drawn(score_charts([run]), "score"),
    scores=tables,
    evaluate=dict(commands)["Evaluate"],
    pairs=pairs,
    data=facts.data_facts(run),
    changed=facts.changed(run.config) if run.config else [],
    config=json.dumps(run.config, indent=2) if run.config else "",
    sessions=facts.sessions(run),
    versions=facts.versions(run),
    commands=commands,
  )


def newest_picture(run: RunFiles) -> Picture | None:
  """The newest picture of samples that can be read, of the averaged weights where there are any."""
  for suffix in ("_ema", ""):
    for _, path in reversed(run.samples.get(suffix, [])):
      try:
        return picture(path)
      except PictureError:
        continue
  return None


def _frames(
  run: RunFiles, missing: list[str]
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, Any] | None]:
  """The slider's pictures by kind of weights, and the one that is shown first."""
  frames: dict[str, list[dict[str, Any]]] = {}
  newest = None
  for suffix, kind in _KINDS.items():
    for step, path in spread(run.samples.get(suffix, [])):
      try:
        one = picture(path)
      except PictureError as error:
        missing.append(f"samples/{path.name}: {error}, and left out.")
        continue
      frames.setdefault(kind, []).append({"step": step, "url": one.url})
      newest = {"step": step, "picture": one}
  return frames, newest


def _pairs(run: RunFiles, missing: list[str]) -> list[dict[str, Any]]:
  """The pairs of the newest scored checkpoint."""
  last = max((step for step, _, _ in run.pairs), default=None)
  found = []
  for step, what, path in run.pairs:
    if step != last:
      continue
    try:
      one = picture(path)
    except PictureError as error:
      missing.append(f"evaluation/{path.name}: {error}, and left out.")
      continue
    found.append({"title": f"Step {step:,}: {what}", "picture": one})
  return found


def _columns(run: RunFiles) -> list[str]:
  """What the columns of the run's pictures are, where each is an expression."""
  model, names = run.config.get("model"), run.run.get("data", {}).get("class_names")
  conditional = isinstance(model, dict) and model.get("name") in CONDITIONAL
  return [str(name) for name in names] if conditional and isinstance(names, list) else []


def _faces_note(run: RunFiles) -> str:
  if _columns(run):
    return "A row is one latent, a column an expression: the same in each picture."
  return "Each place in the picture has the same latent from the first picture to the last."


def _summary(stands: Standing) -> str:
  done = f"{stands.step:,} updates"
  if stands.total and stands.kind != "finished":
    done = f"{stands.step:,} of {stands.total:,} updates"
  if stands.seconds_left is not None:
    return f"{done}; {seconds_text(max(1.0, stands.seconds_left))} left."
  if stands.kind == "diverged":
    return f"{done}; a loss or gradient stopped being finite. Earlier checkpoints may be sound."
  return f"{done}."


def _numbers(run: RunFiles, stands: Standing) -> list[tuple[str, str]]:
  numbers = []
  if stands.images is not None:
    numbers.append(("images seen", f"{stands.images:,}"))
  if stands.epochs is not None:
    numbers.append(("epochs", number(stands.epochs)))
  if stands.speed is not None:
    numbers.append(("images/s", number(stands.speed)))
  if run.checkpoints:
    numbers.append(("newest checkpoint", f"step {run.checkpoints[-1]:,}"))
  if best := _best_fid(run):
    numbers.append(best)
  return numbers


def _best_fid(run: RunFiles) -> tuple[str, str] | None:
  """The lowest FID by the protocol that was used last: others are not to be compared with it."""
  fids = [
    (protocol(row), value)
    for row in run.scores
    if row["request"].get("metric") == "fid"
    and not row["metric"].startswith("fid_infinity")
    and (value := value_of(row, "value")) is not None
  ]
  if not fids:
    return None
  metric = fids[-1][0]
  return f"best {metric}", number(min(value for name, value in fids if name == metric))
