"""Exact nearest neighbours by Euclidean distance, in bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dcgan_jax.waiting import counted

_BLOCK = 2**24  # entries of the distance matrix at a time, 64 MiB
_EXACT_BLOCK = 2**20  # float64 coordinates subtracted at a time, 8 MiB


@dataclass(frozen=True)
class Nearest:
  """The nearest key of every query.

  Attributes:
    distances: float64 [n], Euclidean.
    indices: int64 [n], which key; the first of several at the same distance.
  """

  distances: np.ndarray
  indices: np.ndarray


def nearest(
  queries: np.ndarray,
  keys: np.ndarray,
  *,
  query_groups: np.ndarray | None = None,
  key_groups: np.ndarray | None = None,
) -> Nearest:
  """Finds the nearest key of every query, leaving out keys of the query's own group.

  A float32 matrix product rules out every key that its rounding bound can rule out; the few that
  are left are decided by subtraction in float64. So near-duplicates, whose distance would drown in
  the product's rounding, come out right, and a duplicate at exactly 0. (Where most keys coincide
  nothing can be ruled out: right still, but slow.)

  Args:
    queries: [n, d], float or integer: features, or flattened uint8 images.
    keys: [m, d], likewise, m >= 1.
    query_groups: int [n]; for leave-one-out np.arange(n), for leave-one-subject-out the subjects.
    key_groups: int [m]; given if and only if query_groups is.

  Raises:
    ValueError: shapes that do not fit, a value that is not finite, or a query whose group holds
      every key.
  """
  _check(queries, keys, query_groups, key_groups)
  centre = keys.mean(axis=0, dtype=np.float64)
  # Keeps the squares within float32's range, whatever the unit.
  scale = max(abs(float(value)) for x in (queries, keys) for value in (x.min(), x.max())) or 1.0
  centred_keys = _centred(keys, centre, scale)
  distances = np.empty(len(queries))
  indices = np.empty(len(queries), np.int64)
  blocks = list(_blocks(len(queries), _BLOCK // len(keys)))
  for rows in counted(blocks, "nearest neighbours", " blocks"):
    forbidden = None
    if query_groups is not None and key_groups is not None:
      forbidden = query_groups[rows, None] == key_groups
      if (blocked := forbidden.all(axis=1)).any():
        row = rows.start + int(blocked.argmax())
        raise ValueError(f"query {row}: every key is of its own group, {query_groups[row]}")
    possible = _possible(_centred(queries[rows], centre, scale), centred_keys, forbidden)
    distances[rows], indices[rows] = _decide(queries[rows], keys, possible)
  return Nearest(distances, indices)


def _possible(queries: np.ndarray, keys: np.ndarray, forbidden: np.ndarray | None) -> np.ndarray:
  """bool [n, m]: which keys may be nearest, by bounds on the squared distances.

  A float32 dot product of d terms, summed in any order, is off by at most d·u·|q|·|k|, u = 2⁻²⁴
  (Higham 2002, sec. 3.1), and 2·|q|·|k| <= |q|² + |k|². With a few u for rounding the coordinates,
  the norms and the sum, |q − k|² is off by at most (d + 16)·u·(|q|² + |k|²).
  """
  error = np.float32((queries.shape[1] + 16) * 2.0**-24)
  norms = (_squared_norms(queries)[:, None], _squared_norms(keys)[None])
  lower = queries @ keys.T
  lower *= -2
  upper = lower + (1 + error) * norms[1]
  upper += (1 + error) * norms[0]
  lower += (1 - error) * norms[1]
  lower += (1 - error) * norms[0]
  if forbidden is not None:
    lower[forbidden] = upper[forbidden] = np.inf
  possible: np.ndarray = lower <= upper.min(axis=1, keepdims=True)
  return possible


def _decide(
  queries: np.ndarray, keys: np.ndarray, possible: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
  """Distances and indices of the nearest among the possible keys, by direct subtraction."""
  rows, columns = np.nonzero(possible)
  squares = np.empty(len(rows))
  for part in _blocks(len(rows), _EXACT_BLOCK // queries.shape[1]):
    difference = queries[rows[part]].astype(np.float64) - keys[columns[part]]
    squares[part] = np.square(difference).sum(axis=1)
  order = np.lexsort((columns, squares, rows))
  _, first = np.unique(rows[order], return_index=True)
  best = order[first]
  return np.sqrt(squares[best]), columns[best]


def _centred(x: np.ndarray, centre: np.ndarray, scale: float) -> np.ndarray:
  """float32 (x − centre) / scale: rounding is relative to what is left, so centring comes first."""
  result = np.empty(x.shape, np.float32)
  for rows in _blocks(len(x), _EXACT_BLOCK // x.shape[1]):
    result[rows] = (x[rows] - centre) / scale
  return result


def _squared_norms(x: np.ndarray) -> np.ndarray:
  return np.einsum("ij,ij->i", x, x, dtype=np.float64).astype(np.float32)


def _blocks(count: int, size: int) -> Iterator[slice]:
  size = max(1, size)
  for start in range(0, count, size):
    yield slice(start, min(start + size, count))


def _check(
  queries: np.ndarray,
  keys: np.ndarray,
  query_groups: np.ndarray | None,
  key_groups: np.ndarray | None,
) -> None:
  if queries.ndim != 2 or keys.ndim != 2 or queries.shape[1] != keys.shape[1]:
    raise ValueError(f"expected [n, d] and [m, d], not {queries.shape} and {keys.shape}")
  if not queries.size or not keys.size:
    raise ValueError(f"nothing to compare: queries {queries.shape}, keys {keys.shape}")
  for name, x in (("queries", queries), ("keys", keys)):
    finite = np.isfinite(x).all(axis=1)
    if not finite.all():
      raise ValueError(f"{name}: row {int(finite.argmin())} holds a value that is not finite")
  if (query_groups is None) != (key_groups is None):
    raise ValueError("groups are needed for both queries and keys, or for neither")
  for name, groups, x in (("query", query_groups, queries), ("key", key_groups, keys)):
    if groups is not None and groups.shape != (len(x),):
      raise ValueError(f"{name}_groups: expected shape {(len(x),)}, not {groups.shape}")
