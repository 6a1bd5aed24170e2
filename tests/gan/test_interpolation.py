import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.gan.interpolation import closed_path


@pytest.mark.parametrize("spherical", [True, False])
def test_a_path_visits_every_point_and_closes(spherical):
  points = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
  path = np.asarray(closed_path(jnp.array(points), 4, spherical))
  assert path.shape == (12, 5)
  np.testing.assert_allclose(path[::4], points, atol=1e-6)
  # The last frame is three quarters of the way back to the first point.
  steps = np.linalg.norm(np.diff(np.vstack([path, path[:1]]), axis=0), axis=1)
  assert steps.max() < np.linalg.norm(points[2] - points[0])


def test_of_nothing_a_path_has_its_length():
  assert closed_path(jnp.zeros((3, 0)), 4, spherical=False).shape == (12, 0)


def test_a_straight_path_is_linear():
  path = closed_path(jnp.array([[0.0, 0.0], [4.0, 8.0]]), 4, spherical=False)
  np.testing.assert_allclose(path[:5], [[0, 0], [1, 2], [2, 4], [3, 6], [4, 8]])


def test_a_spherical_path_keeps_its_distance_from_the_middle():
  # A quarter of a circle of radius 2 in thirds: at 30° and 60°.
  path = closed_path(jnp.array([[2.0, 0.0], [0.0, 2.0]]), 3, spherical=True)
  expected = [[2, 0], [np.sqrt(3), 1], [1, np.sqrt(3)]]
  np.testing.assert_allclose(path[:3], expected, atol=1e-6)


@pytest.mark.parametrize("end", [[3.0, 0.0], [1.0, 0.0], [-1.0, 0.0]])
def test_a_spherical_path_between_parallel_points_is_straight(end):
  path = np.asarray(closed_path(jnp.array([[1.0, 0.0], end]), 2, spherical=True))
  np.testing.assert_allclose(path[1], (np.array([1.0, 0.0]) + end) / 2, atol=1e-5)
