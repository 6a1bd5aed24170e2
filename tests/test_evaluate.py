import os
import subprocess
import sys

import pytest
from page_reader import PageReader
from untrained_run import write_checkpoints

from dcgan_jax.errors import UserError
from dcgan_jax.evaluate import main


@pytest.mark.parametrize(
  ("arguments", "words"),
  [
    ([], "nothing to score"),
    (["--workdir=RUN", "--images=RUN"], "one or the other"),
    (["--images=RUN"], "needs something to compare with"),
    (["--data=synthetic", "--ema"], "--ema needs --workdir"),
    (["--data=synthetic", "--metrics=swd"], "--metrics needs --workdir or --images"),
    (["--data=synthetic", "--classifier=RUN"], "--classifier needs --workdir or --images"),
    (["--data=synthetic", "--seed=0"], "--seed needs --workdir or --images"),
    (["--workdir=RUN", "--data=synthetic", "--reference=FOLDER"], "compared with one of them"),
  ],
)
def test_flags_that_do_not_go_together_are_told(arguments, words):
  with pytest.raises(UserError, match=words):
    main(arguments)


@pytest.mark.parametrize(
  "argument",
  ["--num=0", "--num=ten", "--metrics=fad", "--seed=-1", "--seed=4294967296", "--resize=lanczos"],
)
def test_a_value_out_of_range_is_a_usage_error(argument, capsys):
  with pytest.raises(SystemExit) as end:
    main(["--workdir=x", argument])
  assert end.value.code == 2
  assert argument.split("=")[0] in capsys.readouterr().err


def test_the_help_says_where_the_scores_of_images_are_kept(capsys):
  with pytest.raises(SystemExit):
    main(["--help"])
  told = " ".join(capsys.readouterr().out.split())
  assert "Those of --images are kept where --out names a file" in told


@pytest.mark.usefixtures("own_caches")
def test_the_device_is_chosen_before_jax_is_loaded(tmp_path, data_dir):
  write_checkpoints(tmp_path, [4], data_dir)
  program = (
    "import sys\n"
    "from dcgan_jax import evaluate\n"
    "assert 'jax' not in sys.modules\n"
    f"evaluate.main(['--workdir={tmp_path}', '--num=2', '--metrics=swd', '--device=cpu'])\n"
    "print(sys.modules['jax'].config.jax_platforms)"
  )
  environment = {name: value for name, value in os.environ.items() if name != "JAX_PLATFORMS"}
  result = subprocess.run(
    [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True
  )
  assert result.stdout.splitlines()[-1] == "cpu"


@pytest.mark.usefixtures("own_caches")
def test_the_runs_page_has_the_scores_as_soon_as_they_are_taken(tmp_path, data_dir):
  write_checkpoints(tmp_path, [4, 8], data_dir)
  assert main([f"--workdir={tmp_path}", "--num=2", "--metrics=swd", "--all"]) == 0
  page = PageReader((tmp_path / "report.html").read_text())
  assert page.problems == []
  for title in ("Step 8, raw weights", "Step 4, raw weights"):
    assert "swd2_train" in page.text.partition(title)[2]


@pytest.mark.usefixtures("own_caches")
def test_scores_are_taken_where_no_page_can_be_written(tmp_path, data_dir, capsys):
  write_checkpoints(tmp_path, [4], data_dir)
  (tmp_path / "report.html").mkdir()
  assert main([f"--workdir={tmp_path}", "--num=2", "--metrics=swd"]) == 0
  out, err = capsys.readouterr()
  assert "swd2_train" in out
  assert "report.html: not written: Is a directory" in err
