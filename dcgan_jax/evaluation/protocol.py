"""How a score is named: the metric, the number of samples and the reference, as in fid10k_train."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dcgan_jax.metrics.convention import Resize

# What --metrics takes, and which of them need Inception weights. Memorization is measured on
# pixels too, and so is not lost without weights.
EXPRESSION = "expression"
CAS = "cas"
METRICS = ("fid", "kid", "is", "prdc", "memorization", "swd", EXPRESSION, CAS)
BY_NAME_ONLY = (CAS,)  # trains a network, which takes long
USUAL = tuple(metric for metric in METRICS if metric not in BY_NAME_ONLY)
USE_CLASSIFIER = (EXPRESSION, CAS)
PER_CLASS = "per_class"  # what --per-class adds to them
NEED_WEIGHTS = ("fid", "kid", "is", "prdc", PER_CLASS)
USE_WEIGHTS = (*NEED_WEIGHTS, "memorization")


@dataclass(frozen=True)
class Score:
  """One number and what it takes to read it.

  Attributes:
    metric: the name with its protocol, such as fid10k_train.
    value: the score; None where it is refused, and `note` says why.
    error: its standard error, or deviation, where the metric has one.
    num: samples it was taken of.
    note: a sentence for the table; '' for none.
    details: what else belongs to it, as JSON types.
    picture: uint8 [height, width, channels] that goes with it, if any.
  """

  metric: str
  value: float | None
  num: int
  error: float | None = None
  note: str = ""
  details: dict[str, Any] = field(default_factory=dict)
  picture: np.ndarray | None = field(default=None, compare=False)


def metric_name(metric: str, num: int, reference: str = "", resize: Resize | None = None) -> str:
  """The name of a score.

  Args:
    metric: such as "fid".
    num: how many samples.
    reference: its label; '' for a metric without one.
    resize: pytorch-fid's convention goes into the name, TensorFlow's is the unmarked one.

  Returns:
    fid10k_train, is981, fid_pytorch10k_train.
  """
  mark = "_pytorch" if resize is Resize.PYTORCH else ""
  return f"{metric}{mark}{short_number(num)}" + (f"_{reference}" if reference else "")


def short_number(number: int) -> str:
  """10k for 10,000; numbers that are no whole thousands stay as they are."""
  return f"{number // 1000}k" if number and number % 1000 == 0 else str(number)
