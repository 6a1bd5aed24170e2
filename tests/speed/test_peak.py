import math

import pytest

from dcgan_jax.speed import peak


@pytest.mark.parametrize("precision", [None, "bfloat16"])
def test_the_best_product_counts(monkeypatch, precision):
  # Products of 4 × 4 that take 4, 2 and 1 seconds by the clock: 2 · 4³ FLOPs in 1 s.
  ticks = iter([0, 4, 10, 12, 20, 21])
  monkeypatch.setattr(peak, "_SIDE", {"cpu": 4})
  monkeypatch.setattr(peak, "_REPEATS", 3)
  monkeypatch.setattr(peak.time, "perf_counter", lambda: next(ticks))
  assert peak.matmul_peak(precision) == 128.0


def test_a_real_one_is_a_number(monkeypatch):
  monkeypatch.setattr(peak, "_SIDE", {"cpu": 64})
  assert math.isfinite(peak.matmul_peak(None))
