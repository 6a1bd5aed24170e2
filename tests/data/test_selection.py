import numpy as np
import pytest

from dcgan_jax.data.fingerprint import fingerprint
from dcgan_jax.data.prepared import Prepared
from dcgan_jax.data.selection import only
from dcgan_jax.errors import UserError

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 2, 2, 1), dtype=np.uint8)


def prepared(class_names=("angry", "happy", "sad"), units=None):
  labels = np.int32([1, 0, 1, -1]) if class_names else np.full(4, -1, np.int32)
  return Prepared(
    IMAGES, labels, class_names, ("S1", "S2", "", "S3"), ("a", "b", "c", "d"), units, "whole"
  )


def test_one_class_keeps_its_order_its_names_and_whatever_belongs_to_each_image():
  chosen = only(prepared(units=np.float32([[0], [1], [2], [3]])), "happy", "faces/train")
  np.testing.assert_array_equal(chosen.images, IMAGES[[0, 2]])
  assert chosen.labels.tolist() == [1, 1]
  assert chosen.class_names == ("angry", "happy", "sad")
  assert (chosen.subjects, chosen.sources) == (("S1", ""), ("a", "c"))
  assert chosen.action_units.tolist() == [[0], [2]]
  assert chosen.fingerprint == fingerprint(IMAGES[[0, 2]], np.int32([1, 1]))


@pytest.mark.parametrize(
  ("class_names", "expression", "message"),
  [
    (("angry", "happy", "sad"), "hapy", "'hapy': not one of faces/train's classes: angry, happy"),
    (("angry", "happy", "sad"), "sad", "faces/train has no image of 'sad'"),
    ((), "happy", "faces/train has no classes"),
  ],
)
def test_a_class_that_cannot_be_had_is_named(class_names, expression, message):
  with pytest.raises(UserError, match=message):
    only(prepared(class_names), expression, "faces/train")
