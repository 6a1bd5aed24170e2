"""Plain sentences on what a score means."""

from dcgan_jax.evaluation.floors import Floor
from dcgan_jax.metrics.memorization import Memorization


def below_the_floor(
  fid: float, matched: float, used: int, floor: Floor, copier: Floor | None
) -> str:
  """A sentence on an FID that is lower than the floor.

  Args:
    fid: the score, below `floor.low`.
    matched: the same samples' FID at the floor's own numbers of images.
    used: how many of the samples that took.
    floor: real against real.
    copier: a perfect copier of the training set, at the score's number of samples.
  """
  whose = "photographs of other people" if floor.kind == "subjects" else "other real photographs"
  sizes = f"{used:,} against {floor.against:,}"
  copies = f"; a plain copier of the training set scores {copier.fid:.2g}" if copier else ""
  if matched >= floor.low:
    return (
      f"Below the floor for its larger numbers alone: at the floor's ({sizes}) it is "
      f"{matched:.1f}, and {whose} score {floor.fid:.1f}{copies}."
    )
  return (
    f"Too good: {fid:.2g} is below what {whose} score, and at the same numbers ({sizes}) it is "
    f"{matched:.1f} where they score {floor.fid:.1f}. It tells of resemblance to the reference's "
    f"own images, not of quality{copies}."
  )


def closeness(result: Memorization) -> str:
  """What a memorization report found, in one sentence."""
  shares = (
    f"{result.share_closer:.1%} of samples lie as close to the training set as the closer half of "
    f"the real images held out (neutral {result.neutral_closer:.1%}), {result.share_copies:.1%} as "
    f"close as their closest hundredth (neutral {result.neutral_copies:.1%})."
  )
  if result.ratio is None:
    return "No ratio: most held-out images occur in the training set. " + shares
  return shares
