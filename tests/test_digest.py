import hashlib

import jax.numpy as jnp
import numpy as np

from dcgan_jax.digest import hash_arrays


def test_the_hash_is_of_names_shapes_and_numbers():
  one = {"a": np.ones(2, np.float32), "b": np.zeros(2, np.float32)}
  assert hash_arrays(one) == hash_arrays(dict(reversed(one.items())))
  others = [
    {"a": one["b"], "b": one["a"]},
    {"a": one["a"].reshape(1, 2), "b": one["b"]},
    {"a": one["a"], "b": np.array([0, 1e-30], np.float32)},
  ]
  assert len({hash_arrays(tree) for tree in [one, *others]}) == 4


def test_the_hash_is_sha256_of_what_it_says():
  array = np.array([[1, -2]], np.int32)
  said = b"['a'] (1, 2)" + b"\x01\x00\x00\x00" + b"\xfe\xff\xff\xff"
  assert hash_arrays({"a": array}) == hashlib.sha256(said).hexdigest()
  assert hash_arrays({"a": array.astype(">i4")}) == hashlib.sha256(said).hexdigest()


def test_an_array_is_the_same_on_a_device():
  host = {"w": np.arange(6, dtype=np.float32).reshape(2, 3), "n": np.int32(7)}
  assert hash_arrays({k: jnp.asarray(v) for k, v in host.items()}) == hash_arrays(host)


def test_one_bit_makes_another_hash():
  array = np.zeros(1000, np.float32)
  before = hash_arrays([array])
  array.view(np.uint32)[999] = 1
  assert hash_arrays([array]) != before
