import sys

import pytest
from modules_loaded import modules_loaded

from dcgan_jax import config_files


@pytest.fixture
def own_modules(monkeypatch):
  for name in ("configs", "configs.default"):
    monkeypatch.delitem(sys.modules, name, raising=False)


def test_a_config_file_finds_the_default_that_comes_with_the_package(tmp_path, own_modules):
  config_files.make_configs_importable(str(tmp_path / "mine.py"))
  from configs import default

  assert default.get_config().to_dict() == config_files.reference().to_dict()


def test_a_default_beside_the_config_file_comes_first(tmp_path, own_modules):
  (tmp_path / "default.py").write_text("def get_config():\n  return 'mine'\n")
  config_files.make_configs_importable(str(tmp_path / "mine.py"))
  from configs import default

  assert default.get_config() == "mine"


def test_each_reference_is_a_new_one():
  config_files.reference().batch_size = 3
  assert config_files.reference().batch_size == 16


def test_the_fields_of_a_config_have_their_full_names():
  config = {"a": 1, "b": {"c": [2], "d": {"e": None, "f": {}}}, "g": {}}
  assert config_files.flat(config) == {"a": 1, "b.c": [2], "b.d.e": None}
  fields = config_files.flat(config_files.reference().to_dict())
  assert (fields["batch_size"], fields["optimizer.b1"]) == (16, 0.5)


def test_neither_jax_nor_tensorflow_is_loaded_for_the_command_line():
  assert modules_loaded("import dcgan_jax.main") == set()
