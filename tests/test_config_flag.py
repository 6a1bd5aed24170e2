import pytest

from dcgan_jax import config_flag


@pytest.mark.parametrize(
  ("argv", "path"),
  [
    (["main", "--config=a.py"], "a.py"),
    (["main", "--config", "a.py"], "a.py"),
    (["main", "-config=a.py"], "a.py"),
    (["main", "--config.batch_size=4"], None),
    (["main", "config=a.py"], None),
    (["main", "--config"], ""),
  ],
)
def test_the_config_files_path_is_found_before_the_flags_are_parsed(argv, path):
  assert config_flag._config_path(argv) == path


def test_a_missing_file_is_told_in_the_command_s_name(capsys):
  with pytest.raises(SystemExit) as end:
    config_flag.make_parser("benchmark", "What it does.")(["benchmark", "--config=nowhere.py"])
  assert end.value.code == 2
  assert capsys.readouterr().err.startswith("benchmark: --config=nowhere.py: no such file.")


def test_help_shows_what_the_command_does_above_the_flags_and_examples_below(capsys):
  doc = "What it does.\n\nexamples:\n  python -m dcgan_jax.benchmark\n"
  with pytest.raises(SystemExit) as end:
    config_flag.make_parser("benchmark", doc)(["benchmark", "--help"])
  assert end.value.code == 0
  shown = capsys.readouterr().out
  parts = ("usage: python -m dcgan_jax.benchmark", "What it does.", "--help", "examples:\n  python")
  assert sorted(parts, key=shown.index) == list(parts)
