"""`sample`, `evaluate`, `main` and `report` in hostile workdirs."""

import pathlib
import shutil

import pytest
from untrained_run import write_checkpoints

from .cases import some
from .measured import Ended
from .place import Place
from .spoilt import SPOILT, fifo
from .workdirs import odd_checkpoints, spoilt_copy


@pytest.fixture(scope="module")
def untrained(tmp_path_factory, data_dir):
  """A run's checkpoints at steps 4 and 8."""
  workdir = tmp_path_factory.mktemp("untrained")
  write_checkpoints(workdir, [4, 8], data_dir)
  return workdir


_CHECKPOINT = "checkpoints/8"
_ALL = tuple(SPOILT)
_FEW = ("garbage", "a pipe", "a loop", "zeros")
# Which files of a workdir are read, and in how many ways each is spoilt.
_READ = {
  "config.json": _FEW,
  "finished.json": _FEW,
  "checkpoints": ("garbage", "a pipe", "a loop", "a link out"),
  f"{_CHECKPOINT}/_CHECKPOINT_METADATA": _ALL,
  f"{_CHECKPOINT}/record/metadata": ("[[[[", "other JSON", "100 MB"),
  f"{_CHECKPOINT}/state/_METADATA": ("garbage", "zeros"),
  f"{_CHECKPOINT}/state/manifest.ocdbt": _FEW,
  "odd_checkpoints": ("",),
}
_SOME = {
  "checkpoints": ("a loop",),
  f"{_CHECKPOINT}/_CHECKPOINT_METADATA": ("zeros", "[[[["),
  f"{_CHECKPOINT}/record/metadata": ("a pipe",),
}
_SCORES = {
  "evaluation.jsonl": _ALL,
  f"{_CHECKPOINT}/record/metadata": _FEW,
  "odd_checkpoints": ("",),
}


def flags(command: str, workdir: pathlib.Path, data_dir: object) -> list[object]:
  if command == "sample":
    return [f"--workdir={workdir}", "--num=4", f"--out={workdir}/grid.png"]
  more = [f"--data-dir={data_dir}", "--metrics=swd", "--num=16", "--device=cpu"]
  return [f"--workdir={workdir}", *more]


_SLOW = pytest.mark.slow


@pytest.mark.parametrize(
  ("command", "function", "files"),
  [
    ("sample", "sample", _SOME),
    ("evaluate", "main", {"evaluation.jsonl": ("a pipe", "a hole", "a loop", "a link out")}),
    pytest.param("sample", "sample", _READ, marks=_SLOW),
    pytest.param("evaluate", "main", _SCORES, marks=_SLOW),
  ],
)
def test_no_file_of_a_workdir_is_taken_at_its_word(
  place, untrained, data_dir, command, function, files
):
  cases = [(file, how) for file, hows in files.items() for how in hows]
  workdirs = {
    f"{file}: {how}": spoilt_copy(untrained, place.target, file, how) for file, how in cases
  }
  jobs = {name: flags(command, workdir, data_dir) for name, workdir in workdirs.items()}
  codes = place.run_several(command, function, jobs)
  expected = {
    "odd_checkpoints: ": 0,  # there are sound ones among them
    "checkpoints: a loop": 2,
    f"{_CHECKPOINT}/record/metadata: a pipe": 0,  # the checkpoint before it is whole
    "evaluation.jsonl: a link out": 2,
  }
  assert {name: codes[name] for name in expected.keys() & codes.keys()}.items() <= expected.items()


@pytest.mark.slow
@pytest.mark.parametrize("command", ["sample", "evaluate"])
@pytest.mark.parametrize("how", ["a pipe", "zeros"])
def test_no_checkpoint_is_waited_for(place, untrained, data_dir, command, how):
  workdir = spoilt_copy(untrained, place.target, f"{_CHECKPOINT}/_CHECKPOINT_METADATA", how)
  assert place.run(command, *flags(command, workdir, data_dir), named="checkpoints/8").code == 2


def test_a_class_whose_config_is_a_pipe_is_no_run_of_each_class(place):
  workdir = place.target / "each"
  (workdir / "happy" / "checkpoints" / "8").mkdir(parents=True)
  fifo(workdir / "happy" / "config.json")
  assert place.run("sample", f"--workdir={workdir}", named=str(workdir)).code == 2


_ON_A_PAGE = (
  "config.json", "run.json", "metrics.jsonl", "evaluation.jsonl", "samples", "samples/00000006.png",
  "evaluation", "evaluation/00000012_raw_memorization_pixels16_train.png", "checkpoints", "lock",
  "finished.json",
)  # fmt: skip


@pytest.mark.parametrize(
  "hows", [("garbage", "a pipe"), pytest.param(_ALL, marks=_SLOW)], ids=["some", "all"]
)
def test_a_page_is_written_whatever_lies_in_the_workdir(place, finished, hows):
  cases = [(file, how) for file in _ON_A_PAGE for how in hows]
  workdirs = [spoilt_copy(finished[1], place.target, file, how) for file, how in cases]
  jobs = {str(workdir): [workdir] for workdir in workdirs}
  assert set(place.run_several("report", "report", jobs).values()) == {0}
  assert all((workdir / "report.html").stat().st_size > 10_000 for workdir in workdirs)


def train(place: Place, workdir: pathlib.Path, data_dir: object, named: str) -> Ended:
  """Trains the small config, from its checkpoint of step 8 to step 12."""
  config = place.folder / "home" / "small.py"
  tests = pathlib.Path(__file__).parents[1]
  config.write_text(
    f"import sys\nsys.path.insert(0, {str(tests)!r})\nfrom small import small_config\n"
    f"def get_config():\n  return small_config({str(data_dir)!r})\n"
  )
  return place.run("main", f"--config={config}", f"--workdir={workdir}", named=named)


_WRITTEN = {
  "metrics.jsonl: a pipe": 2,
  "metrics.jsonl: a hole": 2,
  "metrics.jsonl: a folder": 2,
  "metrics.jsonl: [[[[": 0,
  "lock: a link out": 2,
  "lock: a pipe": 2,
  "finished.json: a folder": 2,
  "config.json: a folder": 2,
  "curves.png: a folder": 2,
  "tensorboard: a pipe": 2,
  "checkpoints: a loop": 2,
  f"{_CHECKPOINT}/_CHECKPOINT_METADATA: zeros": 2,
  f"{_CHECKPOINT}/record/metadata: a pipe": 0,
}


@pytest.mark.parametrize("case", some(_WRITTEN, "metrics.jsonl: a pipe", "lock: a link out"))
def test_a_training_neither_waits_for_a_file_nor_writes_through_it(
  place, untrained, data_dir, case
):
  file, _, how = case.partition(": ")
  workdir = spoilt_copy(untrained, place.target, file, how)
  named = file.removesuffix("/_CHECKPOINT_METADATA")
  assert train(place, workdir, data_dir, named).code == _WRITTEN[case]


@pytest.mark.slow
def test_a_training_passes_over_what_calls_itself_a_checkpoint(place, untrained, data_dir):
  workdir = shutil.copytree(untrained, place.target / "odd")
  odd_checkpoints(workdir)
  assert train(place, workdir, data_dir, "").code == 0
