"""FID and KID of each class, for labelled samples against a labelled reference."""

from collections.abc import Callable

import numpy as np

from dcgan_jax.evaluation.protocol import PER_CLASS, Score
from dcgan_jax.evaluation.samples import Samples
from dcgan_jax.metrics.frechet import fit_gaussian, frechet_between
from dcgan_jax.metrics.inception import FEATURES
from dcgan_jax.metrics.kernel import kernel_distance

# With fewer images than features the covariance has no full rank, and FID is mostly bias, which
# differs between classes of different sizes. KID has no bias, only noise.
FID_IMAGES = FEATURES
KID_IMAGES = 100


def class_scores(
  samples: Samples,
  features: np.ndarray,
  labels: np.ndarray,
  class_names: tuple[str, ...],
  seed: int,
  metric_name: Callable[[str, int], str],
) -> list[Score]:
  """Compares the samples of each class with the real images of that class.

  Args:
    samples: with labels.
    features: float32 [n, 2048] of the real images.
    labels: int [n] of the real images.
    class_names: of the real images; samples' classes are matched by name.
    seed: of KID's subsets.
    metric_name: the name of a metric at a number of samples.

  Returns:
    fid981_train/happy, kid981_train/happy, … in the classes' order. A class with too few images on
    either side has no value but a note with both numbers.
  """
  if not samples.class_names or not class_names:
    whose = "reference" if samples.class_names else "samples"
    return [Score(PER_CLASS, None, len(samples), note=f"the {whose} have no classes")]
  scores = []
  for label, name in enumerate(class_names):
    mine = samples.class_names.index(name) if name in samples.class_names else None
    fake, real = samples.features[samples.labels == mine], np.asarray(features)[labels == label]
    for metric, compare, least in (("fid", _fid, FID_IMAGES), ("kid", _kid, KID_IMAGES)):
      full_name = f"{metric_name(metric, len(fake))}/{name}"
      counts = f"{len(fake):,} samples, {len(real):,} real"
      if min(len(fake), len(real)) >= least:
        scores.append(compare(full_name, counts, fake, real, seed))
      else:
        note = f"{counts}: {metric.upper()} needs {least:,} of each"
        scores.append(Score(full_name, None, len(fake), note=note))
  return scores


def _fid(name: str, counts: str, fake: np.ndarray, real: np.ndarray, seed: int) -> Score:
  del seed  # nothing in it is drawn
  distance = frechet_between(fit_gaussian(fake), fit_gaussian(real))
  return Score(name, distance, len(fake), note=counts)


def _kid(name: str, counts: str, fake: np.ndarray, real: np.ndarray, seed: int) -> Score:
  result = kernel_distance(fake, real, rng=np.random.default_rng(seed))
  note = f"{counts}, {result.subsets} subsets of {result.subset_size:,}"
  return Score(name, result.value, len(fake), result.standard_error, note)
