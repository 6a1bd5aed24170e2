import jax
import jax.numpy as jnp
import pytest

from dcgan_jax import precision_check
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
  settle_precision(config)
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
  settle_precision(config)
  assert config.precision == "float32"
  said = capsys.readouterr().err
  assert said.startswith(f"config.precision: {precision} does not work on this CPU (a bᵀ")
  assert reason in said


@pytest.mark.parametrize("precision", [None, "float32"])
def test_float32_is_not_checked(config, monkeypatch, precision):
  with_product(monkeypatch, failing)
  config.precision = precision
  settle_precision(config)
  assert config.precision == precision
