import pytest

from dcgan_jax.quantities import bytes_text, flops_text, seconds_text


@pytest.mark.parametrize(
  ("seconds", "text"),
  [
    (0.0000123, "12 µs"),
    (0.00345, "3.45 ms"),
    (5.678, "5.68 s"),
    (119, "119 s"),
    (480, "8 min"),
    (7380, "2 h 03 min"),  # 123 minutes
    (171_000, "47 h 30 min"),
    (266_400, "3 d 2 h"),  # 74 hours
  ],
)
def test_durations_have_the_unit_that_keeps_them_short(seconds, text):
  assert seconds_text(seconds) == text


@pytest.mark.parametrize(
  ("count", "text"),
  [
    (0, "0 B"),
    (1023, "1023 B"),
    (1536, "1.5 KiB"),
    (95_628_359, "91.2 MiB"),  # / 2²⁰ = 91.198
    (1000 * 2**30, "1000 GiB"),
    (2 * 2**40, "2 TiB"),
  ],
)
def test_sizes_are_in_powers_of_1024(count, text):
  assert bytes_text(count) == text


@pytest.mark.parametrize(
  ("count", "text"), [(1.5e6, "1.5 MFLOP"), (2.25e9, "2.25 GFLOP"), (3e12, "3 TFLOP")]
)
def test_arithmetic_is_in_powers_of_1000(count, text):
  assert flops_text(count) == text
