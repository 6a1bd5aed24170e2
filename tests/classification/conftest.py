"""Faces small enough to learn from in seconds."""

import numpy as np
import pytest

from dcgan_jax.data.synthetic import render


@pytest.fixture(scope="session")
def small_faces():
  """`(first, last) -> (images uint8 [n, 16, 16, 1], labels)`: rendered faces, a third as large."""

  def faces(first, last):
    rendered = render(0, first, last)
    thirds = rendered.images.reshape(-1, 16, 3, 16, 3, 1).mean(axis=(2, 4))
    return thirds.astype(np.uint8), rendered.labels

  return faces
