"""Samples and what they are compared with, in small, for the tests of scores."""

import dataclasses

import numpy as np
from fake_extractor import FakeExtractor

from dcgan_jax.classification.classifier import Classifier, TrainingSet
from dcgan_jax.evaluation.comparison import Comparison
from dcgan_jax.evaluation.real_images import Faces, RealImages
from dcgan_jax.evaluation.reference import Reference
from dcgan_jax.evaluation.samples import Samples
from dcgan_jax.metrics.convention import Resize

WIDTH = 8
# Two images of each of 60 people, in two classes.
SUBJECTS = tuple(f"S{i // 2}" for i in range(120))


def draw(count, seed, side=8):
  return np.random.default_rng(seed).integers(0, 256, (count, side, side, 1), dtype=np.uint8)


TRAIN, TEST = draw(120, 1), draw(40, 2)


def samples_of(images, extractor="fake", **options):
  labels = options.pop("labels", np.full(len(images), -1, np.int32))
  names = options.pop("class_names", ())
  extractor = FakeExtractor(WIDTH, **options) if extractor == "fake" else extractor
  return Samples("a model", images, labels, names, extractor)


def real(root, images, label, subjects=None, extractor="fake", class_names=()):
  labels = np.arange(len(images), dtype=np.int32) % 2 if class_names else np.full(len(images), -1)
  faces = Faces(images, labels, subjects or ("",) * len(images), class_names)
  known = RealImages(label, f"faces/{label}", label, len(images), lambda: faces)
  return Reference(known, root, FakeExtractor(WIDTH) if extractor == "fake" else extractor)


def compare(root, seed=0, held_out=True, **options):
  train = real(root, TRAIN, "train", SUBJECTS, **options)
  test = real(root, TEST, "test", **options) if held_out else None
  return Comparison(
    "train",
    "hash",
    lambda: train.gaussian,
    train,
    train,
    "",
    test,
    seed,
    Resize.TENSORFLOW,
    Classifier(None, None, ("happy", "sad"), (8, 8, 1), TrainingSet("faces", "train", 120), "s"),
  )


def with_reference(comparison, reference, **changed):
  return dataclasses.replace(
    comparison, reference=reference, gaussian=lambda: reference.gaussian, **changed
  )
