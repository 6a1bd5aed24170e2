"""One class of a prepared split, as a data set of its own."""

import dataclasses

import numpy as np

from dcgan_jax.data.classes import index_of
from dcgan_jax.data.fingerprint import fingerprint
from dcgan_jax.data.prepared import Prepared
from dcgan_jax.errors import UserError


def only(prepared: Prepared, expression: str, name: str) -> Prepared:
  """The images of one class, in record order, with a fingerprint of their own, in memory.

  Args:
    prepared: a labelled split.
    expression: one of its class names.
    name: of the split, for messages.

  Raises:
    UserError: the split has no classes, no such class, or no image of it.
  """
  label = index_of(expression, prepared.class_names, name)
  chosen = np.flatnonzero(prepared.labels == label)
  if not chosen.size:
    raise UserError(f"config.data.expression: {name} has no image of {expression!r}.")
  images, labels = prepared.images[chosen], prepared.labels[chosen]
  return dataclasses.replace(
    prepared,
    images=images,
    labels=labels,
    subjects=tuple(prepared.subjects[i] for i in chosen),
    sources=tuple(prepared.sources[i] for i in chosen),
    action_units=None if prepared.action_units is None else prepared.action_units[chosen],
    fingerprint=fingerprint(images, labels),
  )
