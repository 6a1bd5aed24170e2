import os
import shutil
import subprocess
import sys

import pytest
from hand_made import write_run
from modules_loaded import modules_loaded
from page_reader import PageReader

from dcgan_jax.errors import UserError
from dcgan_jax.report import report
from dcgan_jax.reporting import browser_picture, render


@pytest.fixture
def runs(tmp_path, monkeypatch):
  """A folder of two runs; charts are left out, and what is written lands elsewhere."""
  monkeypatch.setattr(render, "svg", lambda chart, name: "<svg></svg>")
  (tmp_path / "here").mkdir()
  monkeypatch.chdir(tmp_path / "here")
  for name in "ba":
    write_run(tmp_path / "runs" / name)
  return tmp_path / "runs"


def title(page):
  found = PageReader(page.read_text())
  assert found.problems == []
  return page.read_text().partition("<title>")[2].partition(" – dcgan_jax")[0]


def test_the_page_of_a_run_lies_in_its_workdir(runs, capsys):
  assert report([str(runs / "a")]) == 0
  assert capsys.readouterr().out == f"{runs}/a/report.html\n"
  assert title(runs / "a" / "report.html") == "a"
  assert os.listdir() == []


def test_several_runs_are_compared_on_one_page_here(runs, capsys):
  assert report([str(runs / "b"), str(runs / "a")]) == 0
  assert capsys.readouterr().out == "comparison.html\n"
  assert os.listdir() == ["comparison.html"]
  with open("comparison.html") as file:
    assert "<title>b, a – dcgan_jax" in file.read()


def test_a_page_goes_where_one_says(runs, tmp_path):
  for workdirs in (["a"], ["a", "b"]):
    out = tmp_path / "new folder" / f"{len(workdirs)}.html"
    assert report([*(str(runs / name) for name in workdirs), f"--out={out}"]) == 0
    assert title(out) == ", ".join(workdirs)
  assert not (runs / "a" / "report.html").exists()


def test_a_run_named_twice_is_one_run(runs, monkeypatch):
  monkeypatch.chdir(runs)
  assert report(["a", "./a", f"{runs}/b/../a"]) == 0
  assert title(runs / "a" / "report.html") == "a"


def test_of_a_folder_of_runs_all_are_compared_in_it(runs):
  (runs / "no run").mkdir()
  (runs / "file").touch()
  assert report([str(runs)]) == 0
  assert title(runs / "report.html") == "a, b"


def test_a_folder_of_one_run_has_its_page(runs):
  shutil.rmtree(runs / "b")
  assert report([str(runs)]) == 0
  assert title(runs / "report.html") == "a"


@pytest.mark.parametrize("left", ["config.json", "run.json", "metrics.jsonl", "samples"])
def test_whatever_is_left_of_a_run_has_a_page(runs, left):
  for path in (runs / "a").iterdir():
    if path.name != left:
      shutil.rmtree(path) if path.is_dir() else path.unlink()
  assert report([str(runs / "a")]) == 0
  assert "Damaged, missing, or not" in PageReader((runs / "a" / "report.html").read_text()).text


def test_training_images_stay_away_where_one_says(runs):
  for flags, there in (([], True), (["--no-training-images"], False)):
    report([str(runs / "a"), *flags])
    page = (runs / "a" / "report.html").read_text()
    assert ("photographs from the training set" in page) == there


@pytest.mark.parametrize(
  ("arguments", "words"),
  [
    (["nowhere"], r"nowhere: no such folder\. Name a run's"),
    (["RUNS/a", "RUNS/a/config.json"], r"config\.json: no such folder"),
    (["RUNS/a/samples"], r"samples: not a run's folder, nor one of runs: there is none of config"),
    (["RUNS/a", "--out=RUNS"], r"runs: is a folder\. Name a file with --out\."),
    (["RUNS/a", "--out=."], r"\.: is a folder\. Name a file with --out\."),
    (["RUNS/a", "--out=/"], r"/: is a folder\. Name a file with --out\."),
    (["RUNS/a", "--picture=.."], r"\.\.: is a folder\. Name a file with --picture\."),
    (["RUNS/a", "--size=400x900"], "--size is the picture.s: name its file with --picture"),
    (["RUNS/a", "--out=RUNS/a/config.json/x"], r"x: cannot be written: "),
    (["RUNS/a", "--out=/proc/x.html"], r"/proc/x\.html: cannot be written"),
    (["RUNS/a", f"--out={'x' * 300}"], r"xxx: cannot be written: File name too long"),
  ],
)
def test_a_mistake_is_told(runs, arguments, words):
  with pytest.raises(UserError, match=words):
    report([argument.replace("RUNS", str(runs)) for argument in arguments])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_folder_that_may_not_be_read_is_told(tmp_path):
  tmp_path.chmod(0o100)
  with pytest.raises(UserError, match="cannot be read: Permission denied"):
    report([str(tmp_path)])
  tmp_path.chmod(0o700)


@pytest.mark.parametrize("size", ["", "1200", "1200x", "12x12", "axb", "1200x1600x3", "-200x300"])
def test_a_size_that_is_none_is_a_usage_error(runs, size, capsys):
  with pytest.raises(SystemExit) as end:
    report([str(runs / "a"), "--picture=a.png", f"--size={size}"])
  assert end.value.code == 2
  assert "such as 1200x1600" in capsys.readouterr().err


def test_a_picture_is_taken_of_the_page(runs, monkeypatch, capsys):
  asked = []
  monkeypatch.setattr(browser_picture, "take_picture", lambda *given: asked.append(given))
  assert report([str(runs / "a"), "--picture=a.png", "--size=400x900"]) == 0
  page = runs / "a" / "report.html"
  assert asked == [(page, type(page)("a.png"), 400, 900)]
  assert capsys.readouterr().out == f"{page}\na.png\n"


def test_a_picture_that_cannot_be_written_is_told(runs, monkeypatch):
  def full(*given):
    raise OSError(28, "No space left on device")

  monkeypatch.setattr(browser_picture, "take_picture", full)
  with pytest.raises(UserError, match=r"--picture=a\.png: cannot be written: No space left"):
    report([str(runs / "a"), "--picture=a.png"])


def test_no_tensorflow_is_loaded(tmp_path):
  program = "from dcgan_jax.report import report\nreport(sys.argv[1:])"
  loaded = modules_loaded(program, write_run(tmp_path / "a"))
  assert loaded <= {"jax"}


@pytest.mark.parametrize("name", ["a b", "it's", '"', "a\nb", os.fsdecode(b"a\xff"), "--x"])
def test_a_workdir_of_any_name_has_a_page(tmp_path, name):
  workdir = tmp_path / name
  workdir.mkdir()
  (workdir / "metrics.jsonl").touch()
  command = [sys.executable, "-m", "dcgan_jax.report", str(workdir)]
  ran = subprocess.run(command, capture_output=True, text=True)
  assert (ran.returncode, ran.stderr) == (0, "")
  assert ran.stdout.strip().endswith("report.html")
  assert PageReader((workdir / "report.html").read_text()).problems == []


def test_a_mistake_has_exit_code_2_and_no_traceback(tmp_path):
  command = [sys.executable, "-m", "dcgan_jax.report", str(tmp_path / "nowhere")]
  ran = subprocess.run(command, capture_output=True, text=True)
  assert (ran.returncode, ran.stdout) == (2, "")
  assert ran.stderr == (
    f"report: {tmp_path}/nowhere: no such folder. Name a run's, such as runs/quickstart.\n"
  )
