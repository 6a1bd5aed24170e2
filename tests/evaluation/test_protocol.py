import pytest

from dcgan_jax.evaluation.protocol import (
  METRICS,
  NEED_WEIGHTS,
  PER_CLASS,
  Score,
  metric_name,
  short_number,
)
from dcgan_jax.metrics.convention import Resize


@pytest.mark.parametrize(
  ("number", "text"),
  [(10_000, "10k"), (1000, "1k"), (981, "981"), (1500, "1500"), (28_709, "28709"), (0, "0")],
)
def test_whole_thousands_are_short(number, text):
  assert short_number(number) == text


def test_a_name_holds_metric_number_and_reference():
  assert metric_name("fid", 10_000, "train") == "fid10k_train"
  assert metric_name("fid", 981, "test", Resize.TENSORFLOW) == "fid981_test"


def test_a_metric_without_a_reference_has_none_in_its_name():
  assert metric_name("is", 981) == "is981"


def test_pytorch_fid_s_convention_cannot_be_mistaken_for_the_usual_one():
  assert metric_name("fid", 10_000, "train", Resize.PYTORCH) == "fid_pytorch10k_train"


def test_sliced_wasserstein_needs_no_weights_and_every_such_metric_is_known():
  assert "swd" not in NEED_WEIGHTS
  assert set(NEED_WEIGHTS) <= {*METRICS, PER_CLASS}


def test_scores_compare_by_what_is_in_them_but_the_picture():
  import numpy as np

  one, other = (Score("a", 1.0, 2, picture=np.full((2, 2, 1), value)) for value in (0, 1))
  assert one == other
