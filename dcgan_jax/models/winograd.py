"""Convolutions from fewer products than the definition takes, for CPUs (Winograd's method).

Seen in blocks of stride × stride pixels, with stride² times the channels, every convolution has
stride 1. Two outputs of two blocks of taps are sums of three products, not of four, and of three
blocks sums of four, not of six (F(2, 2) and F(2, 3); for the method see Lavin and Gray 2016):

  y0 = d0 k0 + d1 k1 = m0 + m1      m0 = (d0 - d1) k0
  y1 = d1 k0 + d2 k1 = m1 + m2      m1 = d1 (k0 + k1)      m2 = (d2 - d1) k1

and both ways 2×2 outputs are sums of 9 or 16: 4×4 taps of stride 2 need 9 products for 16, 3×3 taps
of stride 1 need 16 for 36. So y = sums(tiles(x) · G) with G = factors(k), by three linear maps,
which with their adjoints (*) make all six operations:

  convolution             y = sums(tiles(x) · G)       dx = tiles*(sums*(dy) · Gᵀ)
                          dG = tiles(x)ᵀ · sums*(dy)
  transposed convolution  y = tiles*(sums*(x) · Gᵀ)    dx = sums(tiles(dy) · G)
                          dG = tiles(dy)ᵀ · sums*(x)

Each result is within rounding of windows.py's, be it of float32 or, as matmul.py may be set, of
bfloat16 factors, which are sums of a few numbers. Arguments and results are those of
convolutions.py; height and width of the smaller images are even.
"""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from dcgan_jax.models.matmul import correlate, times, times_transposed

Matrix = tuple[tuple[float, ...], ...]


class _Algorithm(NamedTuple):
  """The three maps along one dimension; a row for each thing they make."""

  tiles: Matrix  # left factors, of the blocks that two outputs see
  factors: Matrix  # right factors, of the blocks of taps
  sums: Matrix  # the two outputs, of the products


_BY_BLOCKS = {
  2: _Algorithm(
    tiles=((1, -1, 0), (0, 1, 0), (0, -1, 1)),
    factors=((1, 0), (1, 1), (0, 1)),
    sums=((1, 1, 0), (0, 1, 1)),
  ),
  3: _Algorithm(  # Lavin and Gray 2016, section 4.1
    tiles=((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, 1, 0, -1)),
    factors=((1, 0, 0), (0.5, 0.5, 0.5), (0.5, -0.5, 0.5), (0, 0, 1)),
    sums=((1, 1, 1, 0), (0, 1, -1, -1)),
  ),
}

# Fewer tiles do not pay for the kernel's sums.
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
  can = _blocks(kernel[0], stride) in _BY_BLOCKS and height % 2 == width % 2 == 0
  return can and batch * height * width // 4 >= _FEWEST_TILES and min(kernel[2:]) >= 16


def conv(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  """Convolution."""
  plan = _Plan(kernel.shape[0], stride)
  batch, height, width, _ = x.shape
  products = _times(plan.tiles(plan.padded(x)), plan.factors(kernel))
  return plan.sums(products, (batch, height // stride, width // stride))


def conv_unpadded(x: jax.Array, kernel: jax.Array) -> jax.Array:
  """Convolution of 2 or 3 taps and stride 1 without padding, of images of any size.

  Args:
    x: float [batch, height, width, in]; at least as high and wide as the kernel.
    kernel: float [taps, taps, in, out] (HWIO).

  Returns:
    float [batch, height - taps + 1, width - taps + 1, out].
  """
  plan = _Plan(kernel.shape[0], stride=1)
  height, width = (side - plan.taps + 1 for side in x.shape[1:3])
  even_height, even_width = height + height % 2, width + width % 2
  missing = (even_height + 2 - x.shape[1], even_width + 2 - x.shape[2])
  x = jnp.pad(x, ((0, 0), (0, missing[0]), (0, missing[1]), (0, 0)))
  products = _times(plan.tiles(x), plan.factors(kernel))
  return plan.sums(products, (x.shape[0], even_height, even_width))[:, :height, :width]


def conv_gradients(
  x: jax.Array, kernel: jax.Array, stride: int, dy: jax.Array
) -> tuple[jax.Array, jax.Array]:
  """Of `conv` by x and by the kernel, for a cotangent `dy`."""
  plan = _Plan(kernel.shape[0], stride)
  dproducts = plan.sums_adjoint(dy)
  dx = plan.tiles_adjoint(_times_transposed(dproducts, plan.factors(kernel)), x.shape)
  dkernel = plan.factors_adjoint(_correlations(plan.tiles(plan.padded(x)), dproducts), kernel.shape)
  return dx, dkernel


def conv_transpose(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
  """Transposed convolution."""
  plan = _Plan(kernel.shape[0], stride)
  batch, height, width, _ = x.shape
  products = _times_transposed(plan.sums_adjoint(x), plan.factors(_turned(kernel)))
  shape = (batch, stride * height, stride * width, kernel.shape[3])
  return plan.tiles_adjoint(products, shape)


def conv_transpose_gradients(
  x: jax.Array, kernel: jax.Array, stride: int, dy: jax.Array
) -> tuple[jax.Array, jax.Array]:
  """Of `conv_transpose` by x and by the kernel, for a cotangent `dy`."""
  plan = _Plan(kernel.shape[0], stride)
  turned, tiles = _turned(kernel), plan.tiles(plan.padded(dy))
  dx = plan.sums(_times(tiles, plan.factors(turned)), x.shape[:3])
  dturned = plan.factors_adjoint(_correlations(tiles, plan.sums_adjoint(x)), turned.shape)
  return dx, _turned(dturned)


def _blocks(taps: int, stride: int) -> int:
  """How many blocks of pixels the taps reach over, in one dimension."""
  return -(-taps // stride)


def _turned(kernel: jax.Array) -> jax.Array:
  """The kernel of the convolution that a transposed convolution is the adjoint of; its inverse."""
  return kernel[::-1, ::-1].swapaxes(2, 3)


def _times(a: list[jax.Array], b: list[jax.Array]) -> list[jax.Array]:
  return [times(x, y) for x, y in zip(a, b, strict=True)]


def _correlations(a: list[jax.Array], b: list[jax.Array]) -> list[jax.Array]:
  return [correlate(x, y) for x, y in zip(a, b, strict=True)]


def _times_transposed(a: list[jax.Array], b: list[jax.Array]) -> list[jax.Array]:
  return [times_transposed(x, y) for x, y in zip(a, b, strict=True)]


class _Plan:
  """The three maps in two dimensions, and their adjoints, for a kernel's side and a stride."""

  def __init__(self, taps: int, stride: int):
    self.taps, self.stride = taps, stride
    self.blocks = _blocks(taps, stride)
    self.along = _BY_BLOCKS[self.blocks]
    self.before = (taps - stride) // 2  # pixels of "SAME" padding
    self.products = len(self.along.tiles)  # in one dimension

  def padded(self, x: jax.Array) -> jax.Array:
    """[b, h, w, c] with "SAME" padding, and a block of zeros more where their number is odd."""
    edge = (self.before, 2 * self.stride - self.before)
    return jnp.pad(x, ((0, 0), edge, edge, (0, 0)))

  def tiles(self, x: jax.Array) -> list[jax.Array]:
    """Padded images to [tiles, stride² * c] for each product: the left factors."""
    batch, height, width, channels = x.shape
    # From row to column of blocks by twos, so that every second one is a view.
    down, across = height // (2 * self.stride), width // (2 * self.stride)
    x = x.reshape(batch, down, 2, self.stride, across, 2, self.stride * channels)
    return [
      tile.swapaxes(2, 3).reshape(-1, self.stride**2 * channels)
      for row in self._tile(x[:, :, 0], x[:, :, 1], axis=1)
      for tile in self._tile(row[:, :, :, :, 0], row[:, :, :, :, 1], axis=3)
    ]

  def tiles_adjoint(self, tiles: list[jax.Array], shape: tuple[int, ...]) -> jax.Array:
    """Of `padded` and `tiles`, to images of that shape."""
    batch, height, width, channels = shape
    twos = 2 * self.stride
    counts = batch, height // twos, width // twos
    tiles = [
      tile.reshape(*counts, self.stride, self.stride * channels).swapaxes(2, 3) for tile in tiles
    ]
    rows = [jnp.stack(self._tile_adjoint(row, axis=3), axis=4) for row in self._by_row(tiles)]
    x = jnp.stack(self._tile_adjoint(rows, axis=1), axis=2)
    x = x.reshape(batch, height + twos, width + twos, channels)
    return x[:, self.before : self.before + height, self.before : self.before + width]

  def _tile(self, even: jax.Array, odd: jax.Array, axis: int) -> list[jax.Array]:
    """The left factors along one axis; a tile begins at every even block."""
    count = even.shape[axis] - 1
    seen = [
      lax.slice_in_dim((even, odd)[i % 2], i // 2, i // 2 + count, axis=axis)
      for i in range(self.blocks + 1)
    ]
    return _combined(self.along.tiles, seen)

  def _tile_adjoint(self, factors: list[jax.Array], axis: int) -> tuple[jax.Array, jax.Array]:
    seen = _combined(_transpose(self.along.tiles), factors)

    def placed(i: int) -> jax.Array:
      edges = [(0, 0)] * seen[i].ndim
      edges[axis] = (i // 2, 1 - i // 2)
      return jnp.pad(seen[i], edges)

    last_odd = (placed(3),) if self.blocks == 3 else ()
    return placed(0) + placed(2), sum(last_odd, placed(1))

  def factors(self, kernel: jax.Array) -> list[jax.Array]:
    """[taps, taps, in, out] to [stride² * in, out] for each product: the right factors."""
    _, _, channels, filters = kernel.shape
    extra = (0, self.blocks * self.stride - self.taps)  # zero taps, up to whole blocks
    kernel = jnp.pad(kernel, (extra, extra, (0, 0), (0, 0)))
    # Block and pixel down, then across.
    kernel = kernel.reshape(self.blocks, self.stride, self.blocks, self.stride, channels, filters)
    return [
      factor.reshape(self.stride**2 * channels, filters)
      for row in _combined(self.along.factors, list(kernel))
      for factor in _combined(self.along.factors, list(row.swapaxes(0, 1)))
    ]

  def factors_adjoint(self, factors: list[jax.Array], shape: tuple[int, ...]) -> jax.Array:
    factors = [factor.reshape(self.stride, self.stride, *shape[2:]) for factor in factors]
    adjoint, span = _transpose(self.along.factors), self.blocks * self.stride
    rows = [jnp.stack(_combined(adjoint, row), axis=1) for row in self._by_row(factors)]
    kernel = jnp.stack(_combined(adjoint, rows)).reshape(span, span, *shape[2:])
    return kernel[: self.taps, : self.taps]

  def sums(self, products: list[jax.Array], shape: tuple[int, ...]) -> jax.Array:
    """[tiles, out] for each product to [b, h, w, out], the results."""
    batch, height, width = shape
    products = [product.reshape(batch, height // 2, width // 2, -1) for product in products]
    rows = [jnp.stack(_combined(self.along.sums, row), axis=3) for row in self._by_row(products)]
    y = jnp.stack(_combined(self.along.sums, rows), axis=2)
    return y.reshape(batch, height, width, -1)

  def sums_adjoint(self, y: jax.Array) -> list[jax.Array]:
    batch, height, width, filters = y.shape
    y = y.reshape(batch, height // 2, 2, width // 2, 2, filters)
    adjoint = _transpose(self.along.sums)
    return [
      part.reshape(-1, filters)
      for row in _combined(adjoint, [y[:, :, 0], y[:, :, 1]])
      for part in _combined(adjoint, [row[:, :, :, 0], row[:, :, :, 1]])
    ]

  def _by_row(self, parts: list[jax.Array]) -> list[list[jax.Array]]:
    return [parts[i : i + self.products] for i in range(0, len(parts), self.products)]


def _transpose(matrix: Matrix) -> Matrix:
  return tuple(zip(*matrix, strict=True))


def _combined(matrix: Matrix, parts: Sequence[jax.Array]) -> list[jax.Array]:
  """For each row of the matrix the sum of its multiples of the parts."""
  results = []
  for row in matrix:
    terms = [
      weight * part if weight != 1 else part
      for weight, part in zip(row, parts, strict=True)
      if weight
    ]
    results.append(sum(terms[1:], terms[0]))
  return results
