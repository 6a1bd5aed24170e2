"""What a score depends on: where it changes, the score is taken anew."""

import dataclasses

import numpy as np
import pytest
from compared import TEST, compare, draw, real, samples_of, with_reference

from dcgan_jax.classification.classifier import TrainingSet
from dcgan_jax.evaluation.job import Job, Subject
from dcgan_jax.evaluation.protocol import Score
from dcgan_jax.evaluation.results import Results

NAMES = ("happy", "sad")


@pytest.fixture
def taken(monkeypatch):
  """The metrics that were taken, each without a value."""
  metrics = []

  def refuse(metric, samples, comparison):
    metrics.append(metric)
    return [Score(metric, None, len(samples), note="refused")]

  monkeypatch.setattr("dcgan_jax.evaluation.job.score", refuse)
  return metrics


@pytest.fixture
def comparison(tmp_path):
  """Of labelled sets, with a classifier whose held-out images are known."""
  known = compare(tmp_path)
  classifier = dataclasses.replace(
    known.classifier,
    trained_on=TrainingSet("faces", "f", 120),
    held_out_confusion=np.array([[3, 1], [2, 4]]),
  )
  labelled = real(tmp_path, TEST, "test", class_names=NAMES)
  return with_reference(known, labelled, held_out=labelled, classifier=classifier)


def run(metric, comparison, results, class_names=NAMES):
  subject = Subject("faces", {"sha256": "f"}, lambda num: samples_of(draw(num, 3)), 1, class_names)
  return Job((metric,), (5,), comparison, None, results, None).run(subject)


@pytest.mark.parametrize("metric", ["expression", "cas", "per_class"])
def test_the_names_of_the_samples_classes_belong_to_the_request(metric, comparison, taken):
  results = Results(None)
  for names in (NAMES, NAMES, ("happy", "anger")):
    run(metric, comparison, results, names)
  assert taken == [metric, metric]


def test_the_names_of_the_reference_s_classes_belong_to_the_request(comparison, taken, tmp_path):
  renamed = real(tmp_path, TEST, "test", class_names=("happy", "anger"))
  results = Results(None)
  for other in (comparison, comparison, with_reference(comparison, renamed)):
    run("per_class", other, results)
  assert taken == ["per_class", "per_class"]


def test_the_names_of_the_held_out_classes_belong_to_the_request(comparison, taken, tmp_path):
  renamed = real(tmp_path, TEST, "test", class_names=("happy", "anger"))
  results = Results(None)
  for other in (comparison, comparison, dataclasses.replace(comparison, held_out=renamed)):
    run("cas", other, results)
  assert taken == ["cas", "cas"]


@pytest.mark.parametrize(
  "changed",
  [
    {"class_names": ("anger", "sad")},
    {"held_out_confusion": np.eye(2, dtype=int)},
    {"held_out_images": "faces/validation"},
  ],
)
def test_what_the_classifier_knows_belongs_to_the_request(comparison, taken, changed):
  # Its weights are the same: those of two classes renamed, or scored on other images.
  other = dataclasses.replace(comparison.classifier, **changed)
  results = Results(None)
  for one in (comparison, comparison, dataclasses.replace(comparison, classifier=other)):
    run("expression", one, results)
  assert taken == ["expression", "expression"]


def test_a_metric_without_a_value_is_named(comparison, taken):
  assert run("cas", comparison, Results(None)).refused == {"cas"}
