import pytest

from dcgan_jax.data.classes import index_of
from dcgan_jax.errors import UserError


def test_a_classs_index_is_its_place_among_the_names():
  assert [index_of(name, ("sad", "happy"), "faces") for name in ("sad", "happy")] == [0, 1]


def test_an_unknown_class_is_told_with_those_there_are():
  with pytest.raises(UserError, match="'calm': not one of faces's classes: sad, happy"):
    index_of("calm", ("sad", "happy"), "faces")


def test_data_without_classes_are_told_so():
  with pytest.raises(UserError, match="'calm': faces has no classes to choose from"):
    index_of("calm", (), "faces")
