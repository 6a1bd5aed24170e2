"""The benchmark's figures as text and as JSON."""

from typing import Any

from dcgan_jax.speed.ahead import Estimate
from dcgan_jax.speed.measured import Measurement


def measurement_text(m: Measurement, precision: str | None) -> str:
  """A line for each figure."""
  low, high = min(m.seconds), max(m.seconds)
  rate = m.flops / m.step_seconds
  lines = {
    "images/s": f"{m.images_per_second:,.1f}",
    "step": f"{_time(m.step_seconds)}, median of {len(m.seconds)} dispatches of {m.steps} "
    f"({_time(low)} to {_time(high)})",
    "arithmetic": f"{_flops(m.flops)} a step, {_flops(rate)}/s",
    "matmul peak": f"{_flops(m.peak)}/s a device, measured: {m.share_of_peak:.0%} of it",
    "compile": f"{m.compile_cold:.1f} s, {m.compile_warm:.1f} s from the compilation cache",
    "peak memory": _bytes(m.memory),
  }
  devices = f"{m.devices} {m.device} device{'s' if m.devices > 1 else ''}"
  title = f"batch {m.batch_size} on {devices}, {precision or 'the default precision'}"
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
  each = ", ".join(_bytes(r.num_bytes) for r in gradients)
  lines = {
    "fits": f"{'yes' if e.fits else 'NO'}: {_bytes(e.arguments)} of arguments, "
    f"{_bytes(e.temporaries)} of temporaries, {_bytes(e.memory)} there are",
    "step": f"{_flops(e.flops)}, {_bytes(e.traffic)} of memory traffic on each device",
    "bounds": ", ".join(f"{name} {_time(value)}" for name, value in bounds.items())
    + f": {slowest} decides",
    "all-reduces": f"{len(e.reductions)} ({_bytes(sent)}), {len(gradients)} of gradients"
    + (f" ({each})" if each else ""),
    "host": f"{len(e.transfers)} transfers in the dispatch, {len(e.relayouts)} copies of the set",
    "whole run": f"{total_steps:,} steps in {_time(total_steps * e.step_seconds)} at the bound, "
    "were the set FER-2013's",
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


def _time(seconds: float) -> str:
  if seconds < 1e-3:
    return f"{seconds * 1e6:.0f} µs"
  if seconds < 1:
    return f"{seconds * 1e3:.3g} ms"
  if seconds < 120:
    return f"{seconds:.3g} s"
  minutes = round(seconds / 60)
  return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02} min"


def _bytes(count: float) -> str:
  for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
    if count >= size:
      return f"{count / size:.3g} {unit}"
  return f"{count:.0f} B"


def _flops(count: float) -> str:
  for unit, size in (("TFLOP", 1e12), ("GFLOP", 1e9)):
    if count >= size:
      return f"{count / size:.3g} {unit}"
  return f"{count / 1e6:.3g} MFLOP"
