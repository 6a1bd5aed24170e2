"""What samples are compared with: real images, their features, and the Gaussian fitted to them."""

import hashlib
import json
import pathlib
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from dcgan_jax.evaluation.progress import progress
from dcgan_jax.evaluation.real_images import Faces, RealImages
from dcgan_jax.evaluation.store import Store
from dcgan_jax.metrics.features import Extractor
from dcgan_jax.metrics.frechet import Gaussian, fit_gaussian
from dcgan_jax.metrics.inception import FEATURES
from dcgan_jax.metrics.memorization import held_out_distances, leave_group_out_distances

_READ_AT_ONCE = 1024


class Reference:
  """Real images, and whatever was computed of them, which is kept for the next evaluation.

  Nothing is read or computed before it is asked for.
  """

  def __init__(self, real: RealImages, root: pathlib.Path, extractor: Extractor | None):
    """Opens what the store has.

    Args:
      real: the images.
      root: the store's folder.
      extractor: None where there are no Inception weights; then there are no features.
    """
    self.label, self.description = real.label, real.description
    self.fingerprint, self.num_images = real.fingerprint, real.num_images
    self._real, self._extractor = real, extractor
    self._pixels_store = Store(root, {"images": real.fingerprint})
    if extractor is not None:
      network = {"weights": extractor.sha256, "resize": extractor.resize}
      self._store = Store(root, {"images": real.fingerprint, **network})
      if real.whole is not None:
        self._whole_store = Store(root, {"images": real.whole, **network})

  @cached_property
  def faces(self) -> Faces:
    """The images themselves."""
    return self._real.read()

  @property
  def has_subjects(self) -> bool:
    """Whether the images show more than one known person."""
    return len(set(self.faces.subjects) - {""}) > 1

  @cached_property
  def subjects_hash(self) -> str:
    """Of the subjects in order, for the names of results that depend on them.

    The store's keys do not cover them: the same images may be there under other subjects.
    """
    return hashlib.sha256(json.dumps(self.faces.subjects).encode()).hexdigest()[:16]

  @property
  def pixels(self) -> np.ndarray:
    """uint8 [n, height * width * channels]."""
    return self.faces.images.reshape(self.num_images, -1)

  @cached_property
  def features(self) -> np.ndarray:
    """float32 [n, 2048], mapped from disk; computed at the first use, and resumed after a kill.

    Of a part of a set whose features are there, nothing is computed again.
    """
    if self._real.rows is not None and self._whole_store.has("features"):
      rows = self._real.rows
      return self._store.array("features", lambda: self._whole_store.get("features")[rows])
    return self._store.rows("features", FEATURES, self._stream)

  def _stream(self, start: int) -> Iterator[np.ndarray]:
    if self._extractor is None:
      raise ValueError("no Inception weights: no features")
    images = self.faces.images
    parts = (images[i : i + _READ_AT_ONCE] for i in range(start, len(images), _READ_AT_ONCE))
    label = f"features of {self.description}, computed once"
    return progress(self._extractor.batches(parts), len(images), label, start)

  @cached_property
  def gaussian(self) -> Gaussian:
    """Fitted to all features."""
    fitted: list[Gaussian] = []

    def fit() -> Gaussian:
      if not fitted:
        fitted.append(fit_gaussian(self.features))
      return fitted[0]

    mean = self._store.array("mean", lambda: fit().mean)
    factor = self._store.array("factor", lambda: fit().factor)
    return Gaussian(np.asarray(mean), np.asarray(factor))

  def vectors(self, space: str) -> np.ndarray:
    """The images as rows in a space that distances are taken in: "inception" or "pixels"."""
    return self.features if space == "inception" else self.pixels

  def held_out_distances(self, space: str, held_out: "Reference | None") -> np.ndarray:
    """How far real images outside this set lie from it, float64 [k].

    Args:
      space: "inception" or "pixels".
      held_out: another split of the set; None where there is none: then every image counts as held
        out from those of other subjects, or of all others where subjects are unknown.
    """
    store = self._store if space == "inception" else self._pixels_store
    subjects = self.faces.subjects if self.has_subjects else None
    alone = "leave_one_out" if subjects is None else f"other_subjects_{self.subjects_hash}"
    other = alone if held_out is None else held_out.fingerprint[:16]

    def compute() -> np.ndarray:
      if held_out is None:
        return leave_group_out_distances(self.vectors(space), subjects)
      return held_out_distances(held_out.vectors(space), self.vectors(space))

    return store.array(f"distances_{space}_{other}", compute)

  def kept(self, name: str, compute: Callable[[], Any]) -> Any:
    """A small result of the features that JSON can hold."""
    return self._store.json(name, compute)
