import numpy as np
import pytest

from dcgan_jax.metrics import nearest as module
from dcgan_jax.metrics.nearest import nearest


def brute_force(queries, keys):
  """All distances by subtraction in float64."""
  difference = queries[:, None].astype(np.float64) - keys[None].astype(np.float64)
  distances = np.sqrt(np.square(difference).sum(axis=2))
  return distances.min(axis=1), distances.argmin(axis=1)


def test_points_in_the_plane():
  keys = np.array([[0.0, 0.0], [3.0, 4.0]])
  found = nearest(np.array([[0.0, 1.0], [3.0, 2.0], [0.0, 0.0]]), keys)
  assert found.distances.tolist() == [1, 2, 0]
  assert found.indices.tolist() == [0, 1, 0]
  assert (found.distances.dtype, found.indices.dtype) == (np.float64, np.int64)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_agrees_with_subtracting_every_pair(dtype):
  rng = np.random.default_rng(0)
  queries, keys = rng.normal(size=(60, 40)).astype(dtype), rng.normal(size=(90, 40)).astype(dtype)
  found, (distances, indices) = nearest(queries, keys), brute_force(queries, keys)
  np.testing.assert_array_equal(found.indices, indices)
  np.testing.assert_allclose(found.distances, distances, rtol=1e-14)


def test_flattened_images_do_not_wrap_around():
  # 0 − 255 is 1 in uint8: the second key would look near.
  found = nearest(np.array([[0, 0]], np.uint8), np.array([[9, 12], [255, 255]], np.uint8))
  assert (found.distances[0], found.indices[0]) == (15, 0)


def test_near_duplicates_far_from_the_origin_are_told_apart():
  rng = np.random.default_rng(0)
  # Gaps of 1e-6 at 1e4 are 1e-20 of the squared norm, where float32 resolves 1e-7, float64 1e-16.
  face = 1e4 + rng.normal(size=64)
  others = 1e4 + rng.normal(size=(200, 64))
  gaps = 1e-6 * np.array([3.0, 1.0, 2.0])
  near = face + gaps[:, None] * np.eye(64)[:3]
  found = nearest(face[None], np.concatenate([others, near]))
  assert found.indices[0] == 201
  # Each coordinate of 1e4 is stored to within 2⁻⁴⁰ = 9e-13.
  assert found.distances[0] == pytest.approx(1e-6, abs=2e-12)


def test_tight_clusters_far_apart_are_decided_exactly():
  rng = np.random.default_rng(0)
  centres = 1000 * rng.normal(size=(5, 8))
  queries, keys = (centres[np.arange(50) % 5] + 1e-5 * rng.normal(size=(50, 8)) for _ in "qk")
  found, (distances, indices) = nearest(queries, keys), brute_force(queries, keys)
  np.testing.assert_array_equal(found.indices, indices)
  np.testing.assert_array_equal(found.distances, distances)


def test_a_duplicate_is_at_exactly_zero():
  keys = np.random.default_rng(0).normal(size=(300, 70)).astype(np.float32)
  found = nearest(keys, keys)
  assert (found.distances == 0).all()
  assert (found.indices == np.arange(300)).all()


def test_of_equally_near_keys_the_first_wins():
  keys = np.array([[5.0], [1.0], [-1.0], [1.0]])
  assert nearest(np.zeros((2, 1)), keys).indices.tolist() == [1, 1]


@pytest.mark.parametrize("unit", [1e-30, 1e30])
def test_the_unit_does_not_matter(unit):
  rng = np.random.default_rng(0)
  queries, keys = unit * rng.normal(size=(20, 6)), unit * rng.normal(size=(30, 6))
  np.testing.assert_array_equal(nearest(queries, keys).indices, brute_force(queries, keys)[1])


def test_leave_one_out_passes_over_the_point_itself():
  points = np.array([[0.0], [1.0], [3.0]])
  own = np.arange(3)
  found = nearest(points, points, query_groups=own, key_groups=own)
  assert found.distances.tolist() == [1, 1, 2]
  assert found.indices.tolist() == [1, 0, 1]


def test_a_key_of_the_same_group_is_passed_over():
  # Subjects 7, 7, 8: the two frames of subject 7 are a step apart, and 10 or 9 from the other.
  points, subjects = np.array([[0.0], [1.0], [10.0]]), np.array([7, 7, 8])
  found = nearest(points, points, query_groups=subjects, key_groups=subjects)
  assert found.distances.tolist() == [10, 9, 9]


def test_a_query_without_an_allowed_key_is_refused():
  with pytest.raises(ValueError, match="query 1: every key is of its own group, 4"):
    nearest(
      np.zeros((2, 1)),
      np.zeros((3, 1)),
      query_groups=np.array([3, 4]),
      key_groups=np.array([4, 4, 4]),
    )


def test_blocks_of_any_size_give_the_same(monkeypatch):
  rng = np.random.default_rng(0)
  queries, keys = rng.normal(size=(50, 5)), rng.normal(size=(40, 5))
  whole = nearest(queries, keys)
  monkeypatch.setattr(module, "_BLOCK", 3 * 40)  # 3 queries at a time, the last block of 2
  monkeypatch.setattr(module, "_EXACT_BLOCK", 1)
  parts = nearest(queries, keys)
  np.testing.assert_array_equal(parts.indices, whole.indices)
  np.testing.assert_array_equal(parts.distances, whole.distances)


@pytest.mark.parametrize(
  ("queries", "keys", "groups", "message"),
  [
    (np.zeros((2, 3)), np.zeros((2, 4)), {}, r"\[n, d\] and \[m, d\]"),
    (np.zeros(3), np.zeros((2, 3)), {}, r"\[n, d\] and \[m, d\]"),
    (np.zeros((2, 3)), np.zeros((0, 3)), {}, "nothing to compare"),
    (np.array([[0.0], [np.nan]]), np.zeros((2, 1)), {}, "queries: row 1 .* not finite"),
    (np.zeros((2, 1)), np.array([[np.inf], [0.0]]), {}, "keys: row 0 .* not finite"),
    (np.zeros((2, 1)), np.zeros((2, 1)), {"key_groups": np.arange(2)}, "both"),
    (
      np.zeros((2, 1)),
      np.zeros((2, 1)),
      {"key_groups": np.arange(2), "query_groups": np.arange(3)},
      r"query_groups: expected shape \(2,\), not \(3,\)",
    ),
  ],
)
def test_misuse_is_refused(queries, keys, groups, message):
  with pytest.raises(ValueError, match=message):
    nearest(queries, keys, **groups)
