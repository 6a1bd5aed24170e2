import jax
import jax.numpy as jnp
import pytest

from dcgan_jax import precision_check
from dcgan_jax.errors import UserError
from dcgan_jax.precision_check import settle_precision


def with_product(monkeypatch, product):
  """The check, with its second product done otherwise."""
  _, *others = precision_check._PRODUCTS["a bᵀ"]
  monkeypatch.setitem(precision_check._PRODUCTS, "a bᵀ", (product, *others))


def failing(a, b):
  raise jax.errors.JaxRuntimeError("UNIMPLEMENTED: DotThunk\nat line 1")


def inexact(a, b):
  return jnp.round(a @ b.T)


@pytest.mark.parametrize("precision", [None, "float32", "bfloat16", "mixed_bfloat16"])
def test_what_works_stays_and_nothing_is_said(config, capsys, precision):
  config.precision = precision
  settle_precision(config, None)
  assert config.precision == precision
  assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
  ("product", "reason"), [(failing, "UNIMPLEMENTED: DotThunk)"), (inexact, "is off by 0")]
)
@pytest.mark.parametrize("precision", ["bfloat16", "mixed_bfloat16"])
def test_what_does_not_work_is_said_and_becomes_float32(
  config, capsys, monkeypatch, product, reason, precision
):
  with_product(monkeypatch, product)
  config.precision = precision
  settle_precision(config, None)
  assert config.precision == "float32"
  said = capsys.readouterr().err
  assert said.startswith(f"config.precision: {precision} does not work on this CPU (a bᵀ")
  assert reason in said


@pytest.mark.parametrize("precision", [None, "float32"])
def test_float32_is_not_checked(config, monkeypatch, precision):
  with_product(monkeypatch, failing)
  config.precision = precision
  settle_precision(config, None)
  assert config.precision == precision


def begun(precision, asked):
  """The record of a run that computes in one precision and was asked for another."""
  return {"config": {"precision": precision}, "precision_asked": asked}


@pytest.mark.parametrize("product", [None, failing])
def test_a_run_that_fell_back_where_it_began_stays_float32_anywhere(
  config, capsys, monkeypatch, product
):
  if product:
    with_product(monkeypatch, product)
  config.precision = "bfloat16"
  settle_precision(config, begun("float32", "bfloat16"))
  assert config.precision == "float32"
  assert "did not work where this run began; it goes on in float32" in capsys.readouterr().err


def test_a_run_begun_in_bfloat16_does_not_go_on_where_that_fails(config, monkeypatch):
  config.precision = "bfloat16"
  settle_precision(config, begun("bfloat16", "bfloat16"))
  assert config.precision == "bfloat16"
  with_product(monkeypatch, failing)
  with pytest.raises(UserError, match=r"began in bfloat16, which does not work on this CPU \(a bᵀ"):
    settle_precision(config, begun("bfloat16", "bfloat16"))


def test_a_float32_run_is_not_taken_for_one_that_fell_back(config):
  # It is another run than the one asked for, and is refused as such where the records are compared.
  config.precision = "bfloat16"
  settle_precision(config, begun("float32", "float32"))
  assert config.precision == "bfloat16"


def test_a_record_from_before_there_was_a_precision_is_none_of_these(config, monkeypatch):
  with_product(monkeypatch, failing)
  config.precision = "bfloat16"
  settle_precision(config, {"config": {}})
  assert config.precision == "float32"
