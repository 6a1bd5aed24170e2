"""The evaluation job: from samples to rows of scores, each taken once."""

import pathlib
from collections.abc import Callable
from dataclasses import dataclass

from dcgan_jax import figures
from dcgan_jax.evaluation.protocol import Score
from dcgan_jax.evaluation.results import Results, Row
from dcgan_jax.evaluation.samples import Samples
from dcgan_jax.evaluation.scoring import Comparison, score
from dcgan_jax.evaluation.table import table
from dcgan_jax.tracking import TensorBoard


@dataclass(frozen=True)
class Subject:
  """Whose samples are scored.

  Attributes:
    title: for people.
    identity: what tells it from others in the file of scores.
    draw: makes so many samples; called only where a score is missing.
    step: of a checkpoint; None for a folder of images.
  """

  title: str
  identity: Row
  draw: Callable[[int], Samples]
  step: int | None


class Job:
  """Scores one subject after another against one reference."""

  def __init__(
    self,
    metrics: tuple[str, ...],
    nums: tuple[int, ...],
    comparison: Comparison,
    protocol: Row,
    results: Results,
    workdir: pathlib.Path | None,
  ):
    """Sets the job up.

    Args:
      metrics: some of `protocol.METRICS`, and PER_CLASS.
      nums: numbers of samples, each scored on its own; the smaller are parts of the largest.
      comparison: what to compare with.
      protocol: what the scores depend on besides samples, metric and number, as JSON types.
      results: the file of scores.
      workdir: where TensorBoard's files and pictures go; None for neither.
    """
    self._metrics, self._nums, self._comparison = metrics, nums, comparison
    self._protocol, self._results, self._workdir = protocol, results, workdir

  def run(self, subject: Subject) -> str:
    """Takes the scores that are missing, and returns the table of all.

    Raises:
      UserError: the samples cannot be had.
    """
    missing = [
      num for num in self._nums for one in self._metrics if not self._known(subject, one, num)
    ]
    drawn = subject.draw(max(missing)) if missing else None
    lines = []
    for num in self._nums:
      rows: list[Row] = []
      for metric in self._metrics:
        known = self._known(subject, metric, num)
        if not known and drawn is not None:
          known = self._take(subject, metric, drawn.first(num))
        rows += known
      lines.append(f"{subject.title}: {self._against(num)}\n{table(rows)}")
    return "\n\n".join(lines)

  def _known(self, subject: Subject, metric: str, num: int) -> list[Row]:
    return self._results.find(subject.identity, self._request(metric, num))

  def _request(self, metric: str, num: int) -> Row:
    request = self._protocol | {"metric": metric, "num": num}
    if metric == "swd":  # knows nothing of Inception
      request |= {"inception_sha256": None, "resize": None}
    return request

  def _take(self, subject: Subject, metric: str, samples: Samples) -> list[Row]:
    scores = score(metric, samples, self._comparison)
    rows = self._results.append(subject.identity, self._request(metric, len(samples)), scores)
    self._show(subject, scores)
    return rows + [_refusal(one) for one in scores if one.value is None]

  def _against(self, num: int) -> str:
    comparison = self._comparison
    if comparison.reference is None:
      return f"{num:,} samples against the statistics {comparison.label}"
    reference = comparison.reference
    return f"{num:,} samples against {reference.description}, {reference.num_images:,} images"

  def _show(self, subject: Subject, scores: list[Score]) -> None:
    """TensorBoard's scalars, and the closest pairs as a picture."""
    if self._workdir is None or subject.step is None:
      return
    mark = subject.identity["generator"]
    valued = {f"{one.metric}/{mark}": one.value for one in scores if one.value is not None}
    if valued:
      board = TensorBoard(self._workdir / "tensorboard" / "evaluation")
      board.scalars(subject.step, valued)
      board.close()
    for one in scores:
      if one.picture is not None:
        name = f"{subject.step:08d}_{mark}_{one.metric}.png"
        figures.save_png(self._workdir / "evaluation" / name, one.picture, scale=2)


def _refusal(score: Score) -> Row:
  return {
    "metric": score.metric,
    "value": None,
    "error": None,
    "note": score.note,
    "details": {},
  }
