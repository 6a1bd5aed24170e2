"""FID and KID of each class, for labelled samples against a labelled reference."""

import numpy as np

from dcgan_jax.evaluation.protocol import Score
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
  reference: str,
  seed: int,
) -> list[Score]:
  """Compares the samples of each class with the real images of that class.

  Args:
    samples: with labels.
    features: float32 [n, 2048] of the real images.
    labels: int [n] of the real images.
    class_names: of the real images; samples' classes are matched by name.
    reference: its label, for the names.
    seed: of KID's subsets.

  Returns:
    fid_train/happy, kid_train/happy, … in the classes' order. A class with too few images on
    either side has no value but a note with both numbers.
  """
  if not samples.class_names or not class_names:
    whose = "reference" if samples.class_names else "samples"
    return [Score("per_class", None, len(samples), note=f"the {whose} have no classes")]
  scores = []
  for label, name in enumerate(class_names):
    mine = samples.class_names.index(name) if name in samples.class_names else None
    fake = samples.features[samples.labels == mine]
    real = np.asarray(features)[labels == label]
    counts = f"{len(fake):,} samples, {len(real):,} real"
    smaller = min(len(fake), len(real))
    fid_name, kid_name = f"fid_{reference}/{name}", f"kid_{reference}/{name}"
    if smaller >= FID_IMAGES:
      fid = frechet_between(fit_gaussian(fake), fit_gaussian(real))
      scores.append(Score(fid_name, fid, len(fake), note=counts))
    else:
      note = f"{counts}: FID needs {FID_IMAGES:,} of each"
      scores.append(Score(fid_name, None, len(fake), note=note))
    if smaller >= KID_IMAGES:
      kid = kernel_distance(fake, real, rng=np.random.default_rng(seed))
      note = f"{counts}, {kid.subsets} subsets of {kid.subset_size:,}"
      scores.append(Score(kid_name, kid.value, len(fake), kid.standard_error, note))
    else:
      note = f"{counts}: KID needs {KID_IMAGES:,} of each"
      scores.append(Score(kid_name, None, len(fake), note=note))
  return scores
