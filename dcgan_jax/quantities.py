"""Measured numbers as people read them: three digits and a unit."""


def seconds_text(seconds: float) -> str:
  """A duration: 12 µs, 3.4 ms, 5.67 s, 8 min, 2 h 03 min, 3 d 2 h."""
  if seconds < 1e-3:
    return f"{seconds * 1e6:.0f} µs"
  if seconds < 1:
    return f"{seconds * 1e3:.3g} ms"
  if seconds < 120:
    return f"{seconds:.3g} s"
  minutes = round(seconds / 60)
  hours = minutes // 60
  if hours >= 48:
    return f"{hours // 24} d {hours % 24} h"
  return f"{minutes} min" if minutes < 120 else f"{hours} h {minutes % 60:02} min"


def bytes_text(count: float) -> str:
  """A size in memory or on disk: 12 B, 3.4 KiB, 5.67 GiB."""
  for unit, size in (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
    if count >= size:
      value = count / size
      return f"{value:.3g} {unit}" if value < 999.5 else f"{value:.0f} {unit}"
  return f"{count:.0f} B"


def flops_text(count: float) -> str:
  """Arithmetic, to be followed by /s where it is a rate: 12 MFLOP, 3.4 GFLOP."""
  for unit, size in (("TFLOP", 1e12), ("GFLOP", 1e9)):
    if count >= size:
      return f"{count / size:.3g} {unit}"
  return f"{count / 1e6:.3g} MFLOP"
