"""The one conversion between stored images (uint8) and what the networks see (float in [-1, 1])."""

import jax
import jax.numpy as jnp


def to_pixels(images: jax.Array) -> jax.Array:
  """Stored images to network input.

  The paper scales to [0, 1], but its generator ends in tanh: both sides must share [-1, 1].

  Args:
    images: uint8 [..., height, width, channels].

  Returns:
    float32 of the same shape in [-1, 1]; 0 maps to -1 and 255 to 1.
  """
  return images.astype(jnp.float32) / 127.5 - 1.0


def to_images(pixels: jax.Array) -> jax.Array:
  """Network output to storable images, rounded to the nearest level and clipped.

  Args:
    pixels: float [..., height, width, channels], nominally in [-1, 1].

  Returns:
    uint8 of the same shape.
  """
  return jnp.clip(jnp.round((pixels + 1.0) * 127.5), 0, 255).astype(jnp.uint8)
