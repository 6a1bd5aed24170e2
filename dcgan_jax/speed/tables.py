"""The benchmark's figures as text and as JSON."""

from typing import Any

from dcgan_jax.quantities import bytes_text, flops_text, seconds_text
from dcgan_jax.speed.ahead import Estimate
from dcgan_jax.speed.measured import Measurement


def measurement_text(m: Measurement, precision: str | None) -> str:
  """A line for each figure."""
  low, high = min(m.seconds), max(m.seconds)
  rate = m.flops / m.step_seconds
  lines = {
    "images/s": f"{m.images_per_second:,.1f}",
    "step": f"{seconds_text(m.step_seconds)}, median of {len(m.seconds)} dispatches of {m.steps} "
    f"steps ({seconds_text(low)} to {seconds_text(high)})",
    "arithmetic": f"{flops_text(m.flops)} a step, {flops_text(rate)}/s",
    "matmul peak": f"{flops_text(m.peak)}/s a device, measured: {m.share_of_peak:.0%} of it",
    "compile": f"{m.compile_cold:.1f} s, {m.compile_warm:.1f} s from the compilation cache",
    "peak memory": bytes_text(m.memory),
  }
  devices = f"{m.devices} {m.device} device{'s' if m.devices > 1 else ''}"
  precision = precision or "the default precision"
  title = f"batches of {m.batch_size:,} images on {devices}, {precision}"
  return "\n".join([title, *(f"  {name:12} {text}" for name, text in lines.items())])


def measurement_json(m: Measurement) -> dict[str, Any]:
  """Seconds, bytes, FLOPs and FLOP/s, unrounded."""
  return {
    **m._asdict(),
    "step_seconds": m.step_seconds,
    "images_per_second": m.images_per_second,
    "share_of_peak": m.share_of_peak,
  }


def estimate_text(e: Estimate, total_steps: int) -> str:
  """A line for each figure, and the time of a whole run at the bounds."""
  bounds = {
    "compute": e.compute_seconds, "memory": e.memory_seconds, "links": e.links_seconds,
  }  # fmt: skip
  slowest = max(bounds, key=lambda name: bounds[name])
  sent = sum(r.num_bytes for r in e.reductions)
  gradients = e.gradient_reductions
  each = ", ".join(bytes_text(r.num_bytes) for r in gradients)
  lines = {
    "fits": f"{'yes' if e.fits else 'NO'}: {bytes_text(e.arguments)} of arguments, "
    f"{bytes_text(e.temporaries)} of temporaries, {bytes_text(e.memory)} there are",
    "step": f"{flops_text(e.flops)}, {bytes_text(e.traffic)} of memory traffic on each device",
    "bounds": ", ".join(f"{name} {seconds_text(value)}" for name, value in bounds.items())
    + f": {slowest} decides",
    "all-reduces": f"{len(e.reductions)} ({bytes_text(sent)}), {len(gradients)} of gradients"
    + (f" ({each})" if each else ""),
    "host": f"{len(e.transfers)} transfers in the dispatch, {len(e.relayouts)} copies of the set",
    "whole run": f"{total_steps:,} steps in {seconds_text(total_steps * e.step_seconds)} "
    "at the bound, were the set FER-2013's",
    "compiled in": f"{e.compile_seconds:.0f} s",
  }
  title = f"{e.name}: dispatches of {e.steps} steps. The TPU compiler's estimate, nothing measured"
  return "\n".join([title, *(f"  {name:12} {text}" for name, text in lines.items())])


def estimate_json(e: Estimate, total_steps: int) -> dict[str, Any]:
  """Seconds, bytes and FLOPs, unrounded; labelled as what they are."""
  return {
    **e._asdict(),
    "reductions": [reduction._asdict() for reduction in e.reductions],
    "kind": "compiler estimate",
    "fits": e.fits,
    "step_seconds": e.step_seconds,
    "run_seconds": total_steps * e.step_seconds,
  }
