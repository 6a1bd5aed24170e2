"""What samples are compared with, and which metrics that allows."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dcgan_jax.classification.classifier import Classifier
from dcgan_jax.evaluation.protocol import CAS, NEED_WEIGHTS, USE_CLASSIFIER, metric_name
from dcgan_jax.evaluation.reference import Reference
from dcgan_jax.metrics.convention import Resize
from dcgan_jax.metrics.features import Extractor
from dcgan_jax.metrics.frechet import Gaussian


@dataclass(frozen=True)
class Comparison:
  """What samples are compared with.

  Attributes:
    label: of the reference, as in metrics' names.
    identity: its fingerprint, or the hash of its file of statistics.
    gaussian: gives its features' Gaussian; to be called only where there are Inception weights.
    reference: its images; None where there are only statistics of them.
    train: the generator's training set; None where it isn't known, or can't be read.
    no_train: then, why.
    held_out: real images that the generator never saw; None where there are none.
    seed: of every random choice among samples.
    resize: the convention, for the names.
    classifier: of expressions; None where there is none.
    no_classifier: then, how to get one.
  """

  label: str
  identity: str
  gaussian: Callable[[], Gaussian]
  reference: Reference | None
  train: Reference | None
  no_train: str
  held_out: Reference | None
  seed: int
  resize: Resize
  classifier: Classifier | None = None
  no_classifier: str = ""

  def name(self, metric: str, num: int) -> str:
    """The metric's name with its protocol."""
    return metric_name(metric, num, self.label, self.resize)

  def rng(self) -> np.random.Generator:
    """A metric's own generator: what one draws changes no other."""
    return np.random.default_rng(self.seed)


def refusal(metric: str, extractor: Extractor | None, comparison: Comparison) -> str:
  """Why a metric cannot be had at all, whatever the samples; '' where it can."""
  if metric in NEED_WEIGHTS and extractor is None:
    return "needs the Inception weights"
  if metric == "is" and extractor is not None and not extractor.has_logits:
    return (
      "not available with this file of weights, which lacks the last layer; the official one has "
      "it:  python -m dcgan_jax.metrics.weights --source=official"
    )
  if metric == "memorization" and comparison.train is None:
    return comparison.no_train
  if metric in USE_CLASSIFIER and comparison.classifier is None:
    return comparison.no_classifier
  if metric == CAS and comparison.held_out is None:
    return "needs real images held out from training: a test or validation split"
  own = ("fid", "is", "memorization", *USE_CLASSIFIER)  # their reference is another, or none
  if metric not in own and comparison.reference is None:
    return "needs images to compare with, not only their statistics"
  return ""
