"""The evaluation job: from samples to rows of scores, each taken once."""

import hashlib
import pathlib
from collections.abc import Callable
from dataclasses import dataclass

from dcgan_jax import figures
from dcgan_jax.classification.classifier import Classifier
from dcgan_jax.evaluation.comparison import Comparison
from dcgan_jax.evaluation.protocol import CAS, PER_CLASS, USE_CLASSIFIER, Score
from dcgan_jax.evaluation.results import Results, Row
from dcgan_jax.evaluation.samples import Samples
from dcgan_jax.evaluation.scoring import num_taken, score
from dcgan_jax.evaluation.table import table
from dcgan_jax.metrics.features import Extractor
from dcgan_jax.tracking import TensorBoard
from dcgan_jax.waiting import doing

# Raise it when a score of the same request would come out otherwise: old rows are then not reused.
_FORMAT = 2


@dataclass(frozen=True)
class Subject:
  """Whose samples are scored.

  Attributes:
    title: for people.
    identity: what tells it from others in the file of scores.
    draw: makes so many samples; called only where a score is missing.
    step: of a checkpoint; None for a folder of images.
    class_names: of the samples, by label; empty where they have no classes.
  """

  title: str
  identity: Row
  draw: Callable[[int], Samples]
  step: int | None
  class_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
  """What became of one subject.

  Attributes:
    text: the table of all its scores, those taken before among them.
    fresh: whether any was taken now.
    refused: the metrics that gave no value at some number of samples.
  """

  text: str
  fresh: bool
  refused: frozenset[str]


class Job:
  """Scores one subject after another against one reference."""

  def __init__(
    self,
    metrics: tuple[str, ...],
    nums: tuple[int, ...],
    comparison: Comparison,
    extractor: Extractor | None,
    results: Results,
    workdir: pathlib.Path | None,
  ):
    """Sets the job up.

    Args:
      metrics: some of `protocol.METRICS`, and PER_CLASS.
      nums: numbers of samples, each scored on its own; the smaller are parts of the largest.
      comparison: what to compare with.
      extractor: None where no metric looks through Inception.
      results: the file of scores.
      workdir: where TensorBoard's files and pictures go; None for neither.
    """
    self._metrics, self._nums, self._comparison = metrics, nums, comparison
    self._extractor, self._results, self._workdir = extractor, results, workdir

  def run(self, subject: Subject) -> Outcome:
    """Takes the scores that are missing.

    Raises:
      UserError: the samples cannot be had.
    """
    wanted = [(metric, self._taken(metric, num)) for metric in self._metrics for num in self._nums]
    missing = [num for metric, num in wanted if not self._known(subject, metric, num)]
    drawn = subject.draw(max(missing)) if missing else None
    lines, refused = [], set()
    for num in self._nums:
      rows: list[Row] = []
      for metric in self._metrics:
        taken = self._taken(metric, num)
        known = self._known(subject, metric, taken)
        if not known and drawn is not None:
          known = self._take(subject, metric, drawn.first(taken))
        if all(row["value"] is None for row in known):
          refused.add(metric)
        rows += known
      lines.append(f"{subject.title}: {self._against(num)}\n{table(rows)}")
    return Outcome("\n\n".join(lines), bool(missing), frozenset(refused))

  def _taken(self, metric: str, num: int) -> int:
    return num_taken(metric, num, self._comparison)

  def _known(self, subject: Subject, metric: str, num: int) -> list[Row]:
    return self._results.find(subject.identity, self._request(subject, metric, num))

  def _request(self, subject: Subject, metric: str, num: int) -> Row:
    """All that a score depends on, and nothing that it doesn't."""
    comparison, inception = self._comparison, self._extractor
    request: Row = {"format": _FORMAT, "metric": metric, "num": num, "seed": comparison.seed}
    if metric in (*USE_CLASSIFIER, PER_CLASS):  # fingerprints cover labels, but not their names
      request["sample_classes"] = list(subject.class_names)
    if metric in USE_CLASSIFIER:
      assert comparison.classifier is not None
      return request | self._of_classifier(metric, comparison.classifier)
    if metric == PER_CLASS and comparison.reference is not None:
      request["reference_classes"] = list(comparison.reference.faces.class_names)
    if metric != "swd":
      request["inception_sha256"] = inception.sha256 if inception else None
      request["resize"] = comparison.resize
    if metric not in ("is", "memorization"):
      request["reference"] = {"name": comparison.label, "sha256": comparison.identity}
    if metric in ("fid", "memorization"):  # FID by its floors
      for name, real in (("train", comparison.train), ("held_out", comparison.held_out)):
        request[name] = real.fingerprint if real else None
    return request

  def _of_classifier(self, metric: str, classifier: Classifier) -> Row:
    judged: Row = {
      "classifier_sha256": classifier.sha256,
      "classifier_classes": list(classifier.class_names),
      "classifier_trained_on": list(classifier.trained_on),
    }
    held_out, train = self._comparison.held_out, self._comparison.train
    matrix = classifier.held_out_confusion
    if metric == CAS and held_out is not None and train is not None:
      judged["held_out"] = {"name": held_out.description, "sha256": held_out.fingerprint}
      judged["held_out_classes"] = list(held_out.faces.class_names)
      judged["train"] = train.fingerprint
    if metric != CAS and matrix is not None:  # the rate on real images stands beside the score
      judged["held_out_images"] = classifier.held_out_images
      judged["held_out_confusion_sha256"] = hashlib.sha256(matrix.tobytes()).hexdigest()
    return judged

  def _take(self, subject: Subject, metric: str, samples: Samples) -> list[Row]:
    scores = score(metric, samples, self._comparison)
    self._show(subject, scores)  # first: after a kill in between it is merely shown again
    about = {"weights_file_sha256": self._extractor.file_sha256} if self._extractor else {}
    request = self._request(subject, metric, len(samples))
    return self._results.append(subject.identity, request, scores, about)

  def _against(self, num: int) -> str:
    comparison = self._comparison
    if comparison.reference is None:
      return f"{num:,} samples against the statistics {comparison.label}"
    reference = comparison.reference
    return f"{num:,} samples against {reference.description}, {reference.num_images:,} images"

  def _show(self, subject: Subject, scores: list[Score]) -> None:
    """TensorBoard's scalars and pictures, and these as files."""
    if self._workdir is None or subject.step is None:
      return
    seed = self._comparison.seed
    mark = subject.identity["generator"] + (f"_seed{seed}" if seed else "")
    valued = {f"{one.metric}/{mark}": one.value for one in scores if one.value is not None}
    pictures = {one.metric: one.picture for one in scores if one.picture is not None}
    if valued or pictures:
      board = TensorBoard(self._workdir / "tensorboard" / "evaluation")
      board.scalars(subject.step, valued)
      shown = {f"{name}/{mark}/picture": one for name, one in pictures.items()}
      board.images(subject.step, shown)
      with doing("writing for TensorBoard"):  # the first time TensorFlow is loaded
        board.close()
    for name, picture in pictures.items():
      path = self._workdir / "evaluation" / f"{subject.step:08d}_{mark}_{name}.png"
      figures.save_png(path, picture, scale=2)
