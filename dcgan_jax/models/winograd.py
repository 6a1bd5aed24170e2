"""Convolutions of 4×4 taps and stride 2 from 9 products where the definition takes 16, for CPUs.

Seen in blocks of 2×2 pixels, with 4 times the channels, such a convolution has 2×2 taps and stride
1. Two outputs of two taps are sums of three products, not of four (Winograd's F(2, 2); for the
method see Lavin and Gray 2016, section 4):

  y0 = d0 k0 + d1 k1 = m0 + m1      m0 = (d0 - d1) k0
  y1 = d1 k0 + d2 k1 = m1 + m2      m1 = d1 (k0 + k1)      m2 = (d2 - d1) k1

and both ways 2×2 outputs are sums of nine. So y = sums(tiles(x) · G) with G = factors(k), by three
linear maps, which with their adjoints (*) make all six operations:

  convolution             y = sums(tiles(x) · G)       dx = tiles*(sums*(dy) · Gᵀ)
                          dG = tiles(x)ᵀ · sums*(dy)
  transposed convolution  y = tiles*(sums*(x) · Gᵀ)    dx = sums(tiles(dy) · G)
                          dG = tiles(dy)ᵀ · sums*(x)

Each result is within rounding of windows.py's: the factors are sums of two or four numbers.
Arguments and results are those of convolutions.py; height and width of the smaller images are even.
"""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import lax

from dcgan_jax.models.windows import correlate

# Fewer tiles do not pay for the kernel's nine sums.
_FEWEST_TILES = 256


def pays(smaller: tuple[int, int, int], kernel: Sequence[int], stride: int) -> bool:
  """Whether this form can be taken and is the faster one.

  Args:
    smaller: batch, height, width of the images on the strided side: a convolution's result, a
      transposed one's argument.
    kernel: taps, taps, in, out.
    stride: the operation's.
  """
  batch, height, width = smaller
  can = stride == 2 and tuple(kernel[:2]) == (4, 4) and height % 2 == width % 2 == 0
  return can and batch * height * width // 4 >= _FEWEST_TILES and min(kernel[2:]) >= 16


def conv(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  """Convolution."""
  batch, height, width, _ = x.shape
  products = _times(_tiles(x), _factors(kernel))
  return _sums(products, (batch, height // stride, width // stride))


def conv_gradients(
  x: jax.Array, kernel: jax.Array, stride: int, dy: jax.Array
) -> tuple[jax.Array, jax.Array]:
  """Of `conv` by x and by the kernel, for a cotangent `dy`."""
  dproducts = _sums_adjoint(dy)
  dx = _tiles_adjoint(_times(dproducts, _transposed(_factors(kernel))), x.shape)
  dkernel = _factors_adjoint(
    [correlate(tile, dproduct) for tile, dproduct in zip(_tiles(x), dproducts, strict=True)],
    kernel.shape,
  )
  return dx, dkernel


def conv_transpose(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  """Transposed convolution."""
  batch, height, width, _ = x.shape
  products = _times(_sums_adjoint(x), _transposed(_factors(_turned(kernel))))
  return _tiles_adjoint(products, (batch, stride * height, stride * width, kernel.shape[3]))


def conv_transpose_gradients(
  x: jax.Array, kernel: jax.Array, stride: int, dy: jax.Array
) -> tuple[jax.Array, jax.Array]:
  """Of `conv_transpose` by x and by the kernel, for a cotangent `dy`."""
  turned, tiles = _turned(kernel), _tiles(dy)
  dx = _sums(_times(tiles, _factors(turned)), x.shape[:3])
  dturned = _factors_adjoint(
    [correlate(tile, part) for tile, part in zip(tiles, _sums_adjoint(x), strict=True)],
    turned.shape,
  )
  return dx, _turned(dturned)


def _turned(kernel: jax.Array) -> jax.Array:
  """The kernel of the convolution that a transposed convolution is the adjoint of; its inverse."""
  return kernel[::-1, ::-1].swapaxes(2, 3)


def _times(a: list[jax.Array], b: list[jax.Array]) -> list[jax.Array]:
  return [x @ y for x, y in zip(a, b, strict=True)]


def _transposed(matrices: list[jax.Array]) -> list[jax.Array]:
  # The barrier has each written out once in this order, rather than transposed per use.
  return [lax.optimization_barrier(matrix.T) for matrix in matrices]


def _tiles(x: jax.Array) -> list[jax.Array]:
  """[b, h, w, c] to nine [b * h / 4 * w / 4, 4 * c]: the left factors, in tiles of 3×3 blocks."""
  batch, height, width, channels = x.shape
  # From row to column of blocks by twos; the last block is there for the reshape only.
  x = jnp.pad(x, ((0, 0), (1, 3), (1, 3), (0, 0)))
  x = x.reshape(batch, height // 4 + 1, 2, 2, width // 4 + 1, 2, 2 * channels)
  return [
    tile.swapaxes(2, 3).reshape(-1, 4 * channels)
    for row in _differences(x[:, :, 0], x[:, :, 1], axis=1)
    for tile in _differences(row[:, :, :, :, 0], row[:, :, :, :, 1], axis=3)
  ]


def _tiles_adjoint(tiles: list[jax.Array], shape: tuple[int, ...]) -> jax.Array:
  batch, height, width, channels = shape
  tiles = [
    tile.reshape(batch, height // 4, width // 4, 2, 2 * channels).swapaxes(2, 3) for tile in tiles
  ]
  rows = [jnp.stack(_differences_adjoint(tiles[i : i + 3], axis=3), axis=4) for i in range(0, 9, 3)]
  x = jnp.stack(_differences_adjoint(rows, axis=1), axis=2)
  x = x.reshape(batch, height + 4, width + 4, channels)
  return x[:, 1 : height + 1, 1 : width + 1]


def _differences(even: jax.Array, odd: jax.Array, axis: int) -> list[jax.Array]:
  """The three left factors of each tile, whose blocks are an even one, an odd one, an even one."""
  count = even.shape[axis] - 1
  first, last = (lax.slice_in_dim(even, i, i + count, axis=axis) for i in (0, 1))
  middle = lax.slice_in_dim(odd, 0, count, axis=axis)
  return [first - middle, middle, last - middle]


def _differences_adjoint(factors: list[jax.Array], axis: int) -> tuple[jax.Array, jax.Array]:
  first, middle, last = factors

  def at(x: jax.Array, before: int) -> jax.Array:
    edges = [(0, 0)] * x.ndim
    edges[axis] = (before, 1 - before)
    return jnp.pad(x, edges)

  return at(first, 0) + at(last, 1), at(middle - first - last, 0)


def _factors(kernel: jax.Array) -> list[jax.Array]:
  """[4, 4, in, out] to nine [4 * in, out]: the right factors."""
  _, _, channels, filters = kernel.shape
  kernel = kernel.reshape(2, 2, 2, 2, channels, filters)  # block and pixel down, then across
  return [
    part.reshape(4 * channels, filters)
    for row in _parts(kernel[0], kernel[1])
    for part in _parts(row[:, 0], row[:, 1])
  ]


def _factors_adjoint(factors: list[jax.Array], shape: tuple[int, ...]) -> jax.Array:
  factors = [factor.reshape(2, 2, *shape[2:]) for factor in factors]
  rows = [jnp.stack(_pair(factors[i : i + 3]), axis=1) for i in range(0, 9, 3)]
  return jnp.stack(_pair(rows)).reshape(shape)


def _sums(products: list[jax.Array], shape: tuple[int, ...]) -> jax.Array:
  """Nine [tiles, out] to [b, h, w, out], the results."""
  batch, height, width = shape
  tiles = (batch, height // 2, width // 2, -1)
  products = [product.reshape(tiles) for product in products]
  rows = [jnp.stack(_pair(products[i : i + 3]), axis=3) for i in range(0, 9, 3)]
  return jnp.stack(_pair(rows), axis=2).reshape(batch, height, width, -1)


def _sums_adjoint(y: jax.Array) -> list[jax.Array]:
  batch, height, width, filters = y.shape
  y = y.reshape(batch, height // 2, 2, width // 2, 2, filters)
  return [
    part.reshape(-1, filters)
    for row in _parts(y[:, :, 0], y[:, :, 1])
    for part in _parts(row[:, :, :, 0], row[:, :, :, 1])
  ]


def _parts(first: jax.Array, second: jax.Array) -> list[jax.Array]:
  return [first, first + second, second]


def _pair(parts: list[jax.Array]) -> tuple[jax.Array, jax.Array]:
  """The adjoint of _parts."""
  return parts[0] + parts[1], parts[1] + parts[2]
