"""What real photographs score: without these, no score can be read.

The floor is real against real. FID of a few hundred images is far above 0 even for photographs of
the same kind, and a set scored against itself far below what any fresh photograph gets.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from dcgan_jax.evaluation.reference import Reference
from dcgan_jax.metrics.frechet import fit_gaussian, frechet_between
from dcgan_jax.waiting import counted

# Small sets leave FID to the chance of the split: average over a few. Large ones need one.
_SPLITS_OF_SMALL = 3
_SMALL = 2048


@dataclass(frozen=True)
class Floor:
  """FID between two sets of real images.

  Attributes:
    kind: "disjoint", "subjects" (disjoint by the person shown), "copier" or "held out".
    fid: the mean over splits.
    num: images on the samples' side, the mean over splits: whole subjects differ in number.
    against: images on the reference's side, likewise.
    splits: random splits or draws averaged over.
    low: the lowest of them.
    high: the highest.
    other: the set that a copier copies, or that is held out; '' where all images are the
      reference's own.
  """

  kind: str
  fid: float
  num: int
  against: int
  splits: int
  low: float
  high: float
  other: str = ""


def all_of(
  reference: Reference, num: int, train: Reference | None, held_out: Reference | None
) -> list[Floor]:
  """What is known of a reference at a number of samples, the most telling first.

  Args:
    reference: what samples are compared with.
    num: how many samples.
    train: what a copier would copy; real images of another split too, where it isn't the reference.
    held_out: real images of another split, unless it is the reference.

  Returns:
    None at all for a reference of one image, to which no Gaussian can be fitted.
  """
  if reference.num_images < 2:
    return []
  found = [disjoint(reference, num, by_subject=True), disjoint(reference, num, by_subject=False)]
  if train is not None and num >= 2:
    found.append(copier(reference, num, train))
  others = {other.fingerprint: other for other in (train, held_out) if other is not None}
  for fingerprint, other in others.items():
    if fingerprint != reference.fingerprint and other.num_images >= 2:
      found.append(other_set(reference, other))
  return [floor for floor in found if floor is not None]


def disjoint(reference: Reference, num: int, by_subject: bool) -> Floor | None:
  """Real images against the rest of their set, at the wanted number or half the set.

  Args:
    reference: the set.
    num: images on the samples' side; at most half of the set is taken.
    by_subject: whole subjects on either side; near-duplicate frames else lie on both.

  Returns:
    The floor; None where a side would be left with fewer than two images: the set has fewer than
    four, or `by_subject` is asked for and subjects are unknown or one of them has nearly all.
  """
  size = min(num, reference.num_images // 2)
  choices = _choices(reference, size, by_subject)
  if any(min(chosen.sum(), (~chosen).sum()) < 2 for chosen in choices):
    return None
  kind = "subjects" if by_subject else "disjoint"
  name = f"floor_{kind}_{size}" + (f"_{reference.subjects_hash}" if by_subject else "")

  def measure() -> dict[str, Any]:
    features, scores = reference.features, []
    for chosen in counted(choices, f"floor: {kind}", " splits"):
      left, right = fit_gaussian(features[chosen]), fit_gaussian(features[~chosen])
      scores.append(frechet_between(left, right))
    mean = round(np.mean([int(chosen.sum()) for chosen in choices]))
    return _summary(kind, scores, mean, reference.num_images - mean)

  return Floor(**reference.kept(name, measure))


def at_its_sizes(
  features: np.ndarray, reference: Reference, num: int, floor: Floor
) -> tuple[float, int]:
  """FID of samples under the conditions of a floor of `disjoint`.

  A score of many samples against a whole set has less of the bias of small sets than the floor
  has. Here as many samples as the floor had images take their place, against the same rest.

  Args:
    features: float [num, 2048] of the samples, at least two.
    reference: as the floor's.
    num: as the floor was asked for.
    floor: of kind "disjoint" or "subjects".

  Returns:
    The mean over the floor's splits, and how many samples stood on their side, the mean of these
    numbers: `floor.num`, or fewer where whole subjects came to more images than there are samples.
  """
  size = min(num, reference.num_images // 2)
  scores, counts = [], []
  for chosen in _choices(reference, size, floor.kind == "subjects"):
    counts.append(min(len(features), int(chosen.sum())))
    left = fit_gaussian(features[: counts[-1]])
    scores.append(frechet_between(left, fit_gaussian(reference.features[~chosen])))
  return float(np.mean(scores)), round(np.mean(counts))


def copier(reference: Reference, num: int, train: Reference) -> Floor:
  """What a perfect copier of the training set scores: `num` draws from it, with replacement."""

  def measure() -> dict[str, Any]:
    scores = []
    for seed in counted(range(_splits(num)), "floor: copier", " draws"):
      drawn = np.random.default_rng(seed).integers(0, train.num_images, num)
      scores.append(frechet_between(fit_gaussian(train.features[drawn]), reference.gaussian))
    return _summary("copier", scores, num, reference.num_images)

  floor = Floor(**reference.kept(f"floor_copier_{train.fingerprint[:16]}_{num}", measure))
  return replace(floor, other=train.description)  # the same images may have another name by now


def other_set(reference: Reference, other: Reference) -> Floor:
  """What the real images of another split score against the reference, all of both."""

  def measure() -> dict[str, Any]:
    fid = frechet_between(other.gaussian, reference.gaussian)
    return _summary("held out", [fid], other.num_images, reference.num_images)

  floor = Floor(**reference.kept(f"floor_held_out_{other.fingerprint[:16]}", measure))
  return replace(floor, other=other.description)


def _splits(size: int) -> int:
  return _SPLITS_OF_SMALL if size <= _SMALL else 1


def _summary(kind: str, scores: list[float], num: int, against: int) -> dict[str, Any]:
  mean = float(np.mean(scores))
  return asdict(Floor(kind, mean, num, against, len(scores), min(scores), max(scores)))


def _choices(reference: Reference, size: int, by_subject: bool) -> list[np.ndarray]:
  subjects = reference.faces.subjects if by_subject else None
  return [
    _choose(reference.num_images, size, subjects, np.random.default_rng(seed))
    for seed in range(_splits(size))
  ]


def _choose(
  count: int, size: int, subjects: Sequence[str] | None, rng: np.random.Generator
) -> np.ndarray:
  """bool [count], about `size` of them True; whole subjects where these are given."""
  chosen = np.zeros(count, bool)
  if subjects is None:
    chosen[rng.permutation(count)[:size]] = True
    return chosen
  names = np.asarray(subjects)
  for subject in rng.permutation(np.unique(names)):
    if chosen.sum() >= size:
      break
    chosen |= names == subject
  return chosen
