"""The two bilinear resizes that FID tools feed Inception with; scores are comparable within one.

TensorFlow's, of the original FID and of torch-fidelity, is the TF1 legacy kernel: the corner of
the first pixel is the origin, and no filter widens when shrinking. PyTorch's, of pytorch-fid,
takes the pixels' centres. Neither antialiases.
"""

import jax
import jax.numpy as jnp
import numpy as np

from dcgan_jax.metrics.convention import Resize


def to_inception(images: jax.Array, resize: Resize, size: int = 299) -> jax.Array:
  """Stored images to what Inception sees.

  Args:
    images: uint8 [n, height, width, channels].
    resize: the convention.
    size: side of the result.

  Returns:
    float32 [n, size, size, channels]: (v - 128) / 128 under TensorFlow's convention (its graph
    never reaches 1), 2 v / 255 - 1 under PyTorch's.
  """
  values = images.astype(jnp.float32)
  for axis in (1, 2):
    values = _interpolate(values, axis, _positions(images.shape[axis], size, resize))
  if resize is Resize.TENSORFLOW:
    return (values - 128) / 128
  return values / 255 * 2 - 1


def _positions(before: int, after: int, resize: Resize) -> np.ndarray:
  """Where each new pixel lies among the old ones, float32 [after]."""
  scale = np.float32(before / after)
  pixels = np.arange(after, dtype=np.float32)
  if resize is Resize.TENSORFLOW:
    return pixels * scale
  return np.maximum((pixels + np.float32(0.5)) * scale - np.float32(0.5), 0)


def _interpolate(values: jax.Array, axis: int, positions: np.ndarray) -> jax.Array:
  last = values.shape[axis] - 1
  low = np.minimum(positions.astype(np.int32), last)
  high = np.minimum(low + 1, last)
  shape = [1] * values.ndim
  shape[axis] = -1
  fraction = (positions - low).astype(np.float32).reshape(shape)
  below, above = jnp.take(values, low, axis), jnp.take(values, high, axis)
  return below + (above - below) * fraction
