import sys

import pytest

from dcgan_jax.errors import UserError
from dcgan_jax.exporting.extra import needed


def test_a_module_that_is_installed_is_returned():
  assert needed("safetensors.numpy").save


def test_a_package_that_is_missing_is_named_with_its_extra(monkeypatch):
  monkeypatch.setitem(sys.modules, "onnx.helper", None)
  with pytest.raises(UserError, match=r'needs onnx,.*\n.*pip install "\.\[export\]"'):
    needed("onnx.helper")
