"""What arrays are called by their content."""

import hashlib
from typing import Any

import jax
import numpy as np

PyTree = Any


def hash_arrays(tree: PyTree) -> str:
  """SHA-256 (hex) of every array's name in the tree, shape and little-endian bytes, by name."""
  digest = hashlib.sha256()
  leaves = jax.tree_util.tree_leaves_with_path(tree)
  for path, leaf in sorted(leaves, key=lambda item: jax.tree_util.keystr(item[0])):
    digest.update(f"{jax.tree_util.keystr(path)} {leaf.shape}".encode())
    digest.update(np.ascontiguousarray(leaf, leaf.dtype.newbyteorder("<")).data)
  return digest.hexdigest()
