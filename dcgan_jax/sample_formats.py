"""What the sampling command draws and how it is written."""

import argparse
import pathlib
from collections.abc import Iterator

import numpy as np

from dcgan_jax import expressions, figures, parallel
from dcgan_jax.drawing import draw_images, labels_asked, usual_inputs
from dcgan_jax.files import new_folder, replacing
from dcgan_jax.gan.interpolation import closed_path
from dcgan_jax.gan.sampling import Inputs, drawn, listed
from dcgan_jax.quantities import bytes_text
from dcgan_jax.trained import TrainedGenerator, load_generator
from dcgan_jax.waiting import bar, doing

_FRAMES = 16  # from face to face
_SECONDS = 1.0  # likewise


def write(options: argparse.Namespace, num: int, out: pathlib.Path) -> str:
  """Draws what the flags ask for into a file or folder.

  Args:
    options: the command's flags.
    num: faces; rows or faces passed through, by format.
    out: where to.

  Returns:
    What was written, for people.

  Raises:
    UserError: no such checkpoint or expression.
    OSError: `out` cannot be written.
  """
  parallel.check_devices()
  kind = "EMA weights" if options.ema else "raw weights"
  if options.format == "expressions":
    return _write_expressions(options, num, out, kind)
  run = expressions.find_run(options.workdir, options.expression)
  generator = load_generator(run, options.step, options.ema)
  inputs = _inputs(generator, options)
  description = f"{run}, step {generator.step:,}, {kind}"
  told = f"{num} faces from step {generator.step} ({kind})"
  if options.format == "gif":
    inputs, shown = _between(generator, inputs, num)
    images = np.concatenate(list(_drawn(generator, inputs, shown, description)))
    with doing(f"writing {shown:,} frames"):
      figures.save_gif(out, images, seconds=_SECONDS / _FRAMES, scale=2)
    return f"{shown} frames through {told}"
  batches = _drawn(generator, inputs, num, description)
  if options.format == "grid":
    figures.save_png(out, figures.grid(np.concatenate(list(batches))), scale=2)
    return told
  names, labels = generator.class_names, labels_asked(generator, inputs, num)
  if options.format == "png":
    _write_pngs(batches, None if labels is None else [names[label] for label in labels], out)
  else:
    known = {} if labels is None else {"labels": labels, "class_names": np.array(names)}
    _write_npz({"images": np.concatenate(list(batches)), **known}, out)
  return told


def _inputs(generator: TrainedGenerator, options: argparse.Namespace) -> Inputs:
  if not options.expression:
    return usual_inputs(generator, options.seed)
  classes = expressions.classes_asked(generator, options.expression)
  return drawn(generator.networks, options.seed, classes)


def _drawn(
  generator: TrainedGenerator, inputs: Inputs, num: int, description: str
) -> Iterator[np.ndarray]:
  with bar("drawing", " faces", num) as shown:
    for batch in draw_images(generator, inputs, count=num, description=description):
      shown.update(len(batch))
      yield batch


def _between(generator: TrainedGenerator, inputs: Inputs, num: int) -> tuple[Inputs, int]:
  """The inputs of a film through the first `num` samples, and its number of frames."""
  latents, classes = inputs(0, num)
  spherical = generator.networks.latent_distribution == "normal"
  path = closed_path(latents, _FRAMES, spherical)
  return listed(path, closed_path(classes, _FRAMES, spherical=False)), len(path)


def _write_expressions(options: argparse.Namespace, rows: int, out: pathlib.Path, kind: str) -> str:
  columns = expressions.columns_of(options.workdir, options.step, options.ema)
  images = expressions.expression_sheet(columns, options.seed, rows)
  figures.save_png(out, figures.grid(images, columns=len(columns)), scale=2)
  return f"{rows} rows of {', '.join(column.name for column in columns)} ({kind})"


def _write_pngs(
  batches: Iterator[np.ndarray], classes: list[str] | None, out: pathlib.Path
) -> None:
  """Numbered files, all or none; where classes were asked for, in a folder for each."""
  images = (image for batch in batches for image in batch)
  with new_folder(out) as temporary:
    for index, image in enumerate(images):
      folder = temporary / classes[index] if classes else temporary
      figures.save_png(folder / f"{index:06d}.png", image)


def _write_npz(arrays: dict[str, np.ndarray], out: pathlib.Path) -> None:
  size = bytes_text(sum(array.nbytes for array in arrays.values()))
  with doing(f"compressing {size}"), replacing(out) as temporary, temporary.open("wb") as file:
    np.savez_compressed(file, allow_pickle=False, **arrays)
