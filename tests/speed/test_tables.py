import json

import pytest

from dcgan_jax.speed import tables
from dcgan_jax.speed.ahead import Estimate
from dcgan_jax.speed.hlo import Reduction
from dcgan_jax.speed.measured import Measurement

MEASURED = Measurement(
  devices=1, device="cpu", batch_size=16, steps=8, seconds=[0.25, 0.25, 0.5], flops=32e9,
  peak=160e9, compile_cold=12.0, compile_warm=1.5, memory=3 * 2**29,
)  # fmt: skip


def test_a_measurement_is_a_line_for_each_figure():
  # 16 images and 32 GFLOP in 0.25 s: 64 images/s, 128 GFLOP/s, 80 % of 160.
  assert tables.measurement_text(MEASURED, None).splitlines() == [
    "batches of 16 images on 1 cpu device, the default precision",
    "  images/s     64.0",
    "  step         250 ms, median of 3 dispatches of 8 steps (250 ms to 500 ms)",
    "  arithmetic   32 GFLOP a step, 128 GFLOP/s",
    "  matmul peak  160 GFLOP/s a device, measured: 80% of it",
    "  compile      12.0 s, 1.5 s from the compilation cache",
    "  peak memory  1.5 GiB",
  ]


def estimate(**fields):
  given = {
    "name": "v2-8", "steps": 100, "arguments": 2**30, "temporaries": 2**29, "memory": 2**33,
    "flops": 45e9, "traffic": 35e6,
    "reductions": [Reduction(1, 2048, 2048), Reduction(9, 12 * 2**20, 2**20)],
    "transfers": [], "relayouts": [], "compute_seconds": 2e-3, "memory_seconds": 1e-4,
    "links_seconds": 5e-4, "compile_seconds": 61.0,
  }  # fmt: skip
  return Estimate(**(given | fields))


def test_an_estimate_says_that_it_is_one_and_which_bound_decides():
  lines = tables.estimate_text(estimate(), total_steps=1_000_000).splitlines()
  assert "The TPU compiler's estimate, nothing measured" in lines[0]
  assert lines[1].endswith("yes: 1 GiB of arguments, 512 MiB of temporaries, 8 GiB there are")
  assert lines[3].endswith("compute 2 ms, memory 100 µs, links 500 µs: compute decides")
  assert lines[4].endswith("2 (12 MiB), 1 of gradients (12 MiB)")
  # A million steps of 2 ms: 33 min 20 s.
  assert "1,000,000 steps in 33 min at the bound" in lines[6]


def test_what_does_not_fit_is_told():
  assert "NO" in tables.estimate_text(estimate(memory=2**30), 1).splitlines()[1]


def test_the_json_has_the_figures_unrounded():
  found = json.loads(json.dumps(tables.measurement_json(MEASURED)))
  assert found["images_per_second"] == 64.0
  assert found["share_of_peak"] == pytest.approx(0.8)
  other = json.loads(json.dumps(tables.estimate_json(estimate(), 1000)))
  assert (other["kind"], other["fits"], other["run_seconds"]) == ("compiler estimate", True, 2.0)
  assert other["reductions"][1] == {"arrays": 9, "num_bytes": 12 * 2**20, "largest": 2**20}
