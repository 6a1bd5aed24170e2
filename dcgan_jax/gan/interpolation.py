"""Ways between latents."""

import jax
import jax.numpy as jnp


def closed_path(points: jax.Array, frames: int, spherical: bool) -> jax.Array:
  """Goes from each point to the next, and from the last back to the first.

  Args:
    points: float32 [n, size], n >= 1.
    frames: from one point to the next, the first of them the point itself.
    spherical: along the great circle (White 2016, section 2.1), for normal latents: these lie near
      a sphere, and a straight line would lead through its middle, where no latent ever was.

  Returns:
    float32 [n * frames, size].
  """
  along = jnp.arange(frames) / frames
  way = _slerp if spherical else _lerp
  legs = jax.vmap(lambda start, end: jax.vmap(lambda t: way(start, end, t))(along))
  count, size = points.shape
  return legs(points, jnp.roll(points, -1, axis=0)).reshape(count * frames, size)


def _lerp(start: jax.Array, end: jax.Array, t: jax.Array) -> jax.Array:
  return (1.0 - t) * start + t * end


def _slerp(start: jax.Array, end: jax.Array, t: jax.Array) -> jax.Array:
  lengths = jnp.linalg.norm(start) * jnp.linalg.norm(end)
  angle = jnp.arccos(jnp.clip(jnp.dot(start, end) / lengths, -1.0, 1.0))
  # Of nearly parallel latents the arc is the line, and the quotient below has no digits left.
  straight = jnp.sin(angle) < 1e-3
  sine = jnp.where(straight, 1.0, jnp.sin(angle))
  arc = (jnp.sin((1.0 - t) * angle) * start + jnp.sin(t * angle) * end) / sine
  return jnp.where(straight, _lerp(start, end, t), arc)
