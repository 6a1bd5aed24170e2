"""What a picture of samples shows: some identities, each with every expression there is."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from dcgan_jax.gan.latents import sample_latents
from dcgan_jax.models.networks import Networks


class Sheet(NamedTuple):
  """Inputs of the generator, row by row of a picture."""

  latents: jax.Array  # float32 [n, latent_size]
  classes: jax.Array  # float32 [n, num_classes]
  columns: int | None  # of the picture; None for the next square


def make_sheet(networks: Networks, seed: int, count: int) -> Sheet:
  """About `count` samples of a seed, the first ones that sampling draws.

  Of a generator with classes each row shows one latent as every class, so that a row is a person
  and a column an expression.
  """
  if not networks.num_classes:
    return Sheet(sample_latents(seed, 0, count, networks), jnp.zeros((count, 0)), None)
  columns = networks.num_classes
  rows = max(1, count // columns)
  latents = jnp.repeat(sample_latents(seed, 0, rows, networks), columns, axis=0)
  return Sheet(latents, jnp.tile(jnp.eye(columns), (rows, 1)), columns)
