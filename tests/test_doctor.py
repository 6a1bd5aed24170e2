import os
import pathlib
import subprocess
import sys

import pytest
from modules_loaded import modules_loaded

from dcgan_jax.checkup import devices, examine
from dcgan_jax.checkup.finding import absent, good, wrong
from dcgan_jax.doctor import doctor
from dcgan_jax.errors import EXIT_OK, EXIT_USAGE

pytestmark = pytest.mark.usefixtures("own_caches", "in_an_empty_folder")


@pytest.fixture
def findings(monkeypatch):
  """Has every check find these."""

  def findings(*found):
    monkeypatch.setattr("dcgan_jax.doctor.examine", lambda check, data_dir: iter(found))

  return findings


def run(*arguments, environment=None, cwd=None):
  return subprocess.run(
    [sys.executable, "-m", "dcgan_jax.doctor", *map(str, arguments)],
    capture_output=True, text=True, encoding="utf-8", cwd=cwd, check=False,
    env={**os.environ, **(environment or {})},
  )  # fmt: skip


def files(folder):
  return sorted(path for path in folder.rglob("*") if path.is_file())


def test_where_a_training_can_start_it_says_so_and_changes_nothing(data_dir, tmp_path):
  before = files(data_dir), files(tmp_path)
  ran = run(f"--data-dir={data_dir}", cwd=tmp_path)
  assert ran.returncode == EXIT_OK, ran.stdout + ran.stderr
  assert ran.stderr == ""
  for check in examine.CHECKS:
    assert f"\n{check.title}\n" in f"\n{ran.stdout}"
  assert "✓ devices          1 cpu device" in ran.stdout
  assert "✓ synthetic        train 90, test 10 images" in ran.stdout
  assert "A training can start here" in ran.stdout.splitlines()[-1]
  assert (files(data_dir), files(tmp_path)) == before


def test_where_none_can_the_end_says_what_to_type_first(tmp_path):
  ran = run(f"--data-dir={tmp_path}", cwd=tmp_path)
  assert ran.returncode == EXIT_USAGE
  assert ran.stdout.splitlines()[-2:] == [
    "No training can start here. First:",
    f"  a data set: python -m dcgan_jax.prepare synthetic --data-dir={tmp_path}",
  ]


def test_a_platform_that_is_not_here_is_told_and_no_traceback(data_dir, tmp_path):
  ran = run(f"--data-dir={data_dir}", environment={"JAX_PLATFORMS": "nonsense"}, cwd=tmp_path)
  assert ran.returncode == EXIT_USAGE
  assert "Traceback" not in ran.stdout + ran.stderr
  assert "✗ devices          JAX_PLATFORMS=nonsense: no device to compute on" in ran.stdout


@pytest.mark.parametrize("broken", ["jax", "numpy", "platformdirs"])
def test_a_package_that_is_broken_does_not_break_it(broken, data_dir, tmp_path_factory, tmp_path):
  site = tmp_path_factory.mktemp("site")
  (site / f"{broken}.py").write_text("raise RuntimeError('not as it was installed')")
  root = str(pathlib.Path(devices.__file__).parents[2])
  path = os.pathsep.join([str(site), root])
  ran = run(f"--data-dir={data_dir}", environment={"PYTHONPATH": path}, cwd=tmp_path)
  assert ran.returncode == EXIT_USAGE, ran.stdout + ran.stderr
  assert "Traceback" not in ran.stdout + ran.stderr
  assert "RuntimeError: not as it was installed" in ran.stdout


def test_plain_signs_stand_in_where_the_terminal_has_no_others(data_dir, tmp_path):
  ran = run(f"--data-dir={data_dir}", environment={"PYTHONIOENCODING": "ascii"}, cwd=tmp_path)
  assert ran.returncode == EXIT_OK
  assert ran.stdout.isascii()
  assert "+ devices" in ran.stdout
  assert "images of 48x48" in ran.stdout


def test_who_has_read_enough_may_stop_reading(data_dir, tmp_path):
  command = [sys.executable, "-m", "dcgan_jax.doctor", f"--data-dir={data_dir}"]
  with subprocess.Popen(
    command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
  ) as process:
    assert process.stdout.readline() == "Python\n"
    process.stdout.close()
    assert process.stderr.read() == ""
  assert process.returncode == EXIT_OK


def test_it_loads_neither_jax_nor_tensorflow_itself(data_dir):
  program = "from dcgan_jax.doctor import doctor\ndoctor(sys.argv[1:])"
  assert modules_loaded(program, f"--data-dir={data_dir}") == set()


def test_what_is_wrong_but_not_vital_is_told_at_the_end(findings, capsys):
  findings(good("a", ""), absent("b", "", "fix"), wrong("c", "", "fix"))
  assert doctor([]) == EXIT_OK
  assert (
    capsys.readouterr()
    .out.splitlines()[-1]
    .startswith("A training can start here. To be mended: c")
  )


def test_one_thing_that_is_vital_is_enough(findings, capsys):
  findings(good("a", ""), wrong("c", "is broken", vital=True))
  assert doctor([]) == EXIT_USAGE
  assert capsys.readouterr().out.splitlines()[-1] == "  c: is broken"
