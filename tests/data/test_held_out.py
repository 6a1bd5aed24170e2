import pytest

from dcgan_jax.data import held_out
from dcgan_jax.data.held_out import held_out_splits
from dcgan_jax.errors import UserError


@pytest.mark.parametrize(
  ("splits", "expected"),
  [
    (("train", "validation", "test"), ("test", "validation")),
    # FER-2013's copies often have the public test images only, as "validation".
    (("train", "validation"), ("validation",)),
    (("train", "test"), ("test",)),
    (("train",), ()),
  ],
)
def test_the_test_split_comes_first_then_validation_and_never_train(monkeypatch, splits, expected):
  monkeypatch.setattr(held_out, "split_names", lambda name, directory: splits)
  assert held_out_splits("faces", "data") == expected


def test_a_set_that_is_not_prepared_is_named(tmp_path):
  with pytest.raises(UserError, match="'faces' is not prepared"):
    held_out_splits("faces", str(tmp_path))
