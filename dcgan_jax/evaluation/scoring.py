"""Samples to scores: each metric with its protocol in its name, and what it takes to read it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from dcgan_jax.evaluation import floors, verdict
from dcgan_jax.evaluation.comparison import Comparison
from dcgan_jax.evaluation.expression import cas_score, expression_scores
from dcgan_jax.evaluation.per_class import class_scores
from dcgan_jax.evaluation.protocol import CAS, EXPRESSION, Score, metric_name
from dcgan_jax.evaluation.reference import Reference
from dcgan_jax.evaluation.samples import Samples
from dcgan_jax.metrics.extrapolation import MIN_IMAGES, frechet_infinity
from dcgan_jax.metrics.frechet import fit_gaussian, frechet_between
from dcgan_jax.metrics.inception_score import inception_score
from dcgan_jax.metrics.kernel import kernel_distance
from dcgan_jax.metrics.memorization import memorization, pairs_sheet
from dcgan_jax.metrics.prdc import prdc
from dcgan_jax.metrics.sliced_wasserstein import MAX_IMAGES, sliced_wasserstein

# Precision and recall compare all pairs, and are customarily taken of so many at most.
_PRDC_IMAGES = 10_000


def score(metric: str, samples: Samples, comparison: Comparison) -> list[Score]:
  """One of `protocol.METRICS`, which may give several scores; one that `refusal` does not refuse.

  Samples above `num_taken` are left out. What these samples are too few for is a score without a
  value, whose note says so.
  """
  scorer: Callable[[Samples, Comparison], list[Score]] = _SCORERS[metric]
  return scorer(samples.first(num_taken(metric, len(samples), comparison)), comparison)


def num_taken(metric: str, num: int, comparison: Comparison) -> int:
  """How many of `num` samples a metric takes: the first so many, and its name tells the number.

  Requests that come to the same number are one: swd2048 is the same score whatever --num was.
  """
  if metric == "prdc":
    return min(num, _PRDC_IMAGES)
  if metric == "swd" and comparison.reference is not None:
    return min(num, comparison.reference.num_images, MAX_IMAGES)
  return num


def _fid(samples: Samples, comparison: Comparison) -> list[Score]:
  num, reference = len(samples), comparison.reference
  name = comparison.name("fid", num)
  if num < 2 or (reference is not None and reference.num_images < 2):
    return [Score(name, None, num, note="needs at least 2 images on both sides")]
  gaussian = comparison.gaussian()
  value = frechet_between(fit_gaussian(samples.features), gaussian)
  known = []
  if reference is not None:
    known = floors.all_of(reference, num, comparison.train, comparison.held_out)
  details: dict[str, Any] = {"floors": [asdict(floor) for floor in known]}
  real = next((f for f in known if f.kind in ("subjects", "disjoint")), None)
  note = ""
  if reference is not None and real is not None and value < real.low:
    matched, used = floors.at_its_sizes(samples.features, reference, num, real)
    details["at_the_floors_sizes"] = {"fid": matched, "num": used, "against": real.against}
    copier = next((f for f in known if f.kind == "copier"), None)
    note = verdict.below_the_floor(value, matched, used, real, copier)
  scores = [Score(name, value, num, note=note, details=details)]
  name = comparison.name("fid_infinity", num)
  if num < MIN_IMAGES:
    return [*scores, Score(name, None, num, note=f"needs {MIN_IMAGES:,} samples")]
  line = frechet_infinity(samples.features, gaussian, rng=comparison.rng())
  sizes = {"sizes": line.sizes, "fids": line.distances}
  return [*scores, Score(name, line.value, num, line.standard_error, details=sizes)]


def _kid(samples: Samples, comparison: Comparison) -> list[Score]:
  assert comparison.reference is not None
  name = comparison.name("kid", len(samples))
  smaller = min(len(samples), comparison.reference.num_images)
  if smaller < 4:
    return [Score(name, None, len(samples), note="needs at least 4 images on both sides")]
  result = kernel_distance(samples.features, comparison.reference.features, rng=comparison.rng())
  details = {"subset_size": result.subset_size, "subsets": result.subsets}
  note = f"{result.subsets} subsets of {result.subset_size:,}"
  return [Score(name, result.value, len(samples), result.standard_error, note, details)]


def _inception_score(samples: Samples, comparison: Comparison) -> list[Score]:
  name = metric_name("is", len(samples), resize=comparison.resize)
  assert samples.extractor is not None
  splits = 10
  if len(samples) < splits:
    return [Score(name, None, len(samples), note=f"needs {splits} samples")]
  logits = samples.extractor.logits(samples.features)
  result = inception_score(logits, rng=comparison.rng(), splits=splits)
  note = f"± deviation over {splits} splits"
  return [Score(name, result.mean, len(samples), result.std, note, {"splits": splits})]


def _prdc(samples: Samples, comparison: Comparison) -> list[Score]:
  assert comparison.reference is not None
  real = comparison.reference.features
  if len(real) > _PRDC_IMAGES:
    chosen = np.random.default_rng(0).permutation(len(real))[:_PRDC_IMAGES]
    real = real[np.sort(chosen)]
  fake = samples.features
  smaller = min(len(real), len(fake))
  names = ("precision", "recall", "density", "coverage")
  if smaller <= 5:
    note = "needs more than 5 images on both sides"
    return [Score(comparison.name(n, len(fake)), None, len(fake), note=note) for n in names]
  result = prdc(np.asarray(real), fake)
  details = {"real": len(real), "neighbours": {"precision, recall": 3, "density, coverage": 5}}
  return [
    Score(
      comparison.name(name, len(fake)),
      float(getattr(result, name)),
      len(fake),
      note=f"{len(fake):,} samples, {len(real):,} real",
      details=details,
    )
    for name in names
  ]


def _memorization(samples: Samples, comparison: Comparison) -> list[Score]:
  spaces = ("pixels",) if samples.extractor is None else ("inception", "pixels")
  train = comparison.train
  assert train is not None
  if note := _differ(samples.images, train.faces.images):
    return [Score("memorization", None, len(samples), note=note)]
  return [_closeness(space, samples, train, comparison) for space in spaces]


def _closeness(space: str, samples: Samples, train: Reference, comparison: Comparison) -> Score:
  distances = np.asarray(train.held_out_distances(space, comparison.held_out))
  result = memorization(samples.vectors(space), train.vectors(space), distances)
  details = {name: getattr(result, name) for name in _MEMORIZATION_DETAILS}
  details["held_out"] = _held_out_kind(train, comparison.held_out)
  resize = comparison.resize if space == "inception" else None
  name = metric_name(f"memorization_{space}", len(samples), train.label, resize)
  picture = pairs_sheet(samples.images, train.faces.images, result.pairs)
  note = verdict.closeness(result)
  return Score(name, result.ratio, len(samples), None, note, details, picture)


_MEMORIZATION_DETAILS = (
  "share_closer",
  "share_copies",
  "neutral_closer",
  "neutral_copies",
  "sample_distance",
  "held_out_distance",
)


def _held_out_kind(train: Reference, held_out: Reference | None) -> str:
  if held_out is not None:
    return held_out.description
  return "training images of other subjects" if train.has_subjects else "leave one out"


def _swd(samples: Samples, comparison: Comparison) -> list[Score]:
  assert comparison.reference is not None
  images = comparison.reference.faces.images
  if min(len(images), len(samples)) < 2:
    return [Score("swd", None, len(samples), note="needs at least 2 images on both sides")]
  if note := _differ(samples.images, images):
    return [Score("swd", None, len(samples), note=note)]
  result = sliced_wasserstein(images, samples.images, seed=comparison.seed)
  name = metric_name("swd", result.num_images, comparison.label)
  levels = {f"{side}": value for side, value in result.levels.items()}
  note = ", ".join(f"{side} px {value:.1f}" for side, value in levels.items())
  return [Score(name, result.value, result.num_images, note=note, details={"levels": levels})]


def _differ(samples: np.ndarray, real: np.ndarray) -> str:
  """What to say where pixels cannot be compared; '' where they can."""
  if samples.shape[1:] == real.shape[1:]:
    return ""
  return f"images of {samples.shape[1:]} and {real.shape[1:]} cannot be compared"


def _per_class(samples: Samples, comparison: Comparison) -> list[Score]:
  reference = comparison.reference
  assert reference is not None
  faces = reference.faces
  features = reference.features if faces.class_names and samples.class_names else np.empty((0, 0))
  return class_scores(
    samples, features, faces.labels, faces.class_names, comparison.seed, comparison.name
  )


def _expression(samples: Samples, comparison: Comparison) -> list[Score]:
  assert comparison.classifier is not None
  return expression_scores(samples, comparison.classifier)


def _cas(samples: Samples, comparison: Comparison) -> list[Score]:
  assert comparison.classifier is not None
  assert comparison.held_out is not None
  assert comparison.train is not None  # nothing is held out from an unknown set
  held_out, train = comparison.held_out, comparison.train
  return [cas_score(samples, held_out, train, comparison.classifier, comparison.seed)]


_SCORERS: dict[str, Callable[[Samples, Comparison], list[Score]]] = {
  "fid": _fid,
  "kid": _kid,
  "is": _inception_score,
  "prdc": _prdc,
  "memorization": _memorization,
  "swd": _swd,
  "per_class": _per_class,
  EXPRESSION: _expression,
  CAS: _cas,
}
