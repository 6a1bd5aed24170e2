"""Many updates in one call into the device."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from dcgan_jax import parallel
from dcgan_jax.batch import Batch
from dcgan_jax.gan.state import GANState
from dcgan_jax.gan.step import Metrics, Step


def make_update(
  step: Step, image_shape: tuple[int, int, int], axis_name: str | None
) -> Callable[..., tuple[GANState, Metrics]]:
  """Builds `(state, source, batches, count) -> (state, metrics)`, many steps in one dispatch.

  Without a source (None) `batches` is a Batch with K batches in a leading axis. Else the source is
  a Batch of the whole data set, images in rows [n, height * width * channels], and `batches` are
  indices into it, int32 [K, batch]: no image crosses over to the device.

  The first `count` batches (int32 scalar, 1 to K) are used: the count is an argument, so that a
  short dispatch before a checkpoint or at the end recompiles nothing. Metrics are means over the
  steps and the devices.
  """

  step = jax.jit(step, inline=True)  # traced for the metrics' shapes, and not again for the loop

  def update(
    state: GANState, source: Batch | None, batches: Batch | jax.Array, count: jax.Array
  ) -> tuple[GANState, Metrics]:
    def batch(i: jax.Array | int) -> Batch:
      picked = jax.tree.map(lambda leaf: leaf[i], batches)
      if source is None:
        return picked
      return Batch(source.images[picked].reshape(-1, *image_shape), source.labels[picked])

    def body(i: jax.Array, carry: tuple[GANState, Metrics]) -> tuple[GANState, Metrics]:
      state, total = carry
      state, metrics = step(state, batch(i))
      return state, jax.tree.map(jnp.add, total, metrics)

    shapes = jax.eval_shape(lambda state: step(state, batch(0))[1], state)
    zeros = jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), shapes)
    state, total = jax.lax.fori_loop(0, count, body, (state, zeros))
    means = jax.tree.map(lambda t: t / count.astype(jnp.float32), total)
    return state, parallel.mean(means, axis_name)

  return update
