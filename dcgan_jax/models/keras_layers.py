"""Layers initialised as Keras does it, for the networks whose source is a Keras project.

The source names no initialisation, so Keras's defaults hold: kernels from Glorot's uniform
distribution, embeddings uniform on [-0.05, 0.05], biases 0. With N(0, 0.02) and embeddings of
N(0, 1) instead, 400 updates of the AC-GAN made images that differed six times as much between the
classes as within one; from Keras's start it was twice. BatchNorm is as in the other networks.
"""

from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from dcgan_jax.models import layers

kernel_init = nn.initializers.glorot_uniform()


def embedding_init(
  key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike = jnp.float32
) -> jax.Array:
  """Uniform on [-0.05, 0.05], of the shape and dtype asked for."""
  return jax.random.uniform(key, shape, dtype, minval=-0.05, maxval=0.05)


Dense = partial(nn.Dense, kernel_init=kernel_init)
ConvTranspose = partial(layers.ConvTranspose, kernel_init=kernel_init)

# A dense layer's product is an embedding's: a one-hot row looks its class up, a mixture mixes the
# embeddings.
Embedding = partial(nn.Dense, use_bias=False, kernel_init=embedding_init)


class ConvolutionalDiscriminator(layers.ConvolutionalDiscriminator):
  """Discriminators' common part, with Keras's kernels."""

  kernel_init: layers.Initializer = kernel_init
