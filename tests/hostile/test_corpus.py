"""Whole commands on hostile files: each ends in success or in one message.

Never in a traceback, a hang, memory above 2 GB, or a file outside of where it was to write. The
slow tests run each file by itself; of the others, those of a kind share a process where starting
one takes seconds.
"""

import json
import pathlib
import re
import shutil

import pytest
from untrained_run import write_checkpoints

from . import corpus
from .measured import Ended, listing, run

MOST_MEMORY = 2 * 10**9
SECONDS = 120  # a guard against what never ends; most end in less than one

# Runs a command again and again, as its module does once; marks where each begins and its code.
_SEVERAL = """
import importlib, json, sys
from dcgan_jax.errors import run_command
command, function, jobs = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
body = getattr(importlib.import_module(f"dcgan_jax.{command}"), function)
for job in jobs:
  print(end="\\0", file=sys.stderr)
  try:
    run_command(command, lambda: body(job))
  except SystemExit as end:
    print(end=f"\\1{end.code}", file=sys.stderr)
"""


def check(command: str, ended: Ended, named: str) -> None:
  """The rules for all."""
  assert ended.code in (0, 2), ended.err[-3000:]
  assert "Traceback" not in ended.err, ended.err[-3000:]
  assert ended.peak_bytes < MOST_MEMORY
  assert len(ended.err) < 10_000
  assert (ended.out + ended.err).replace("\n", "").isprintable()
  if ended.code == 2:
    _, *messages = re.split(rf"^{command}: ", ended.err, flags=re.MULTILINE)
    assert len(messages) == 1, ended.err
    assert re.fullmatch(r".*\n( .*\n)*", messages[0])  # it comes last, all of it indented
    assert named in messages[0]


class Place:
  """A folder with a hostile file in `in`, and what a command may write in `target`."""

  def __init__(self, folder: pathlib.Path):
    self.folder, self.target = folder, folder / "target"
    for name in ("in", "home", "here", "target"):
      (folder / name).mkdir()
    (folder / "precious").write_text("do not lose")

  def make(self, maker: corpus.Maker) -> pathlib.Path:
    return maker(self.folder / "in")

  def run(self, command: str, *arguments: object, named: str = "", **variables: object) -> Ended:
    """Runs a command, and checks it and what lies around it."""
    program = ["-m", f"dcgan_jax.{command}", *map(str, arguments)]
    ended = self._watched(program, variables)
    check(command, ended, named)
    return ended

  def run_several(
    self, command: str, function: str, jobs: dict[str, list[object]]
  ) -> dict[str, int]:
    """Runs a command for each name's arguments in one process, and returns their exit codes."""
    arguments = json.dumps([list(map(str, job)) for job in jobs.values()])
    ended = self._watched(["-c", _SEVERAL, command, function, arguments], {})
    said = ended.err.split("\0")[1:]
    assert len(said) == len(jobs), f"{list(jobs)[len(said) - 1]}: {ended.err[-3000:]}"
    codes = {}
    for (name, job), text in zip(jobs.items(), said, strict=True):
      err, _, code = text.partition("\1")
      codes[name] = int(code)
      check(command, ended._replace(code=int(code), err=err), named=pathlib.Path(job[0]).name)
    return codes

  def _watched(self, program: list[str], variables: dict[str, object]) -> Ended:
    before = self._surroundings()
    texts = {name: str(value) for name, value in variables.items()}
    ended = run(program, self.folder, SECONDS, **texts)
    after = self._surroundings()
    assert after == before, sorted(set(after.items()) ^ set(before.items()))
    assert (self.folder / "precious").read_text() == "do not lose"
    return ended

  def _surroundings(self) -> dict[str, tuple[object, ...]]:
    return listing(self.folder, self.target, self.folder / "home")


@pytest.fixture
def place(tmp_path):
  return Place(tmp_path)


# prepare


def prepare(place: Place, kind: str, source: pathlib.Path, *options: str, named: str = "") -> Ended:
  named = named or source.name
  options = (f"--source={source}", f"--data-dir={place.target}", *options)
  return place.run("prepare", kind, *options, named=named)


def some(cases: dict, *fast: str) -> list:
  """All cases, of which only these are no slow tests."""
  assert set(fast) <= set(cases)
  return [
    pytest.param(name, marks=[] if name in fast else pytest.mark.slow, id=name) for name in cases
  ]


_ARCHIVES = (
  "bomb.zip", "overlapping.zip", "paths.zip", "links.zip", "encrypted.zip",
  "names.zip", "long header.tar.gz", "headers.tar", "minus-pax.tar", "map.tar", "sparse.tar.gz",
  "links.tar",
)  # fmt: skip


@pytest.mark.parametrize("name", some(corpus.ARCHIVES, *_ARCHIVES))
def test_no_archive_unpacks_into_the_memory_or_out_of_its_place(place, name):
  ended = prepare(place, "folder", place.make(corpus.ARCHIVES[name]))
  assert ended.code == 2
  assert list(place.target.iterdir()) == []


@pytest.mark.parametrize("name", some(corpus.FOLDERS, "links", "odd names", "a maze of links"))
def test_no_folder_leads_into_a_pipe_or_round_in_circles(place, name):
  assert prepare(place, "folder", place.make(corpus.FOLDERS[name])).code == 2


@pytest.mark.slow
def test_a_folder_whose_own_name_is_odd_is_read(place):
  assert prepare(place, "folder", place.make(corpus.folder_of_an_odd_name)).code == 0


@pytest.mark.parametrize("name", some(corpus.PICTURES, "60000.png", "text-chunk.png", "scans.jpg"))
def test_no_picture_is_taken_at_its_word(place, name):
  assert prepare(place, "folder", place.make(corpus.picture(name)), named=name).code == 2


def test_what_is_sound_among_them_is_kept_and_the_others_are_listed(place):
  source = place.make(corpus.all_pictures)
  assert prepare(place, "folder", source, "--on-error=skip").code == 0
  (report,) = place.target.glob("folder/*/report.json")
  told = json.loads(report.read_text())
  assert told["images"] == 1
  found = [pathlib.Path(one["item"]).name for one in told["skipped"]]
  assert sorted(found) == sorted(corpus.PICTURES)


@pytest.mark.slow
def test_the_largest_pictures_that_are_let_in_fit(place):
  for name in corpus.LARGE_PICTURES:
    source = place.make(corpus.picture(name))
  assert prepare(place, "folder", source, "--color", "--size=64").code == 0


_TABLES = (
  "cell of 100 MB", "100 MB of blank lines", "UTF-16", "Latin-1", "NUL later", "headers twice",
  "headers missing", "1e999", "digits of another script", "control codes",
)  # fmt: skip


@pytest.mark.parametrize("name", some(corpus.TABLES, *_TABLES))
def test_no_table_is_taken_at_its_word(place, name):
  assert prepare(place, "fer2013", place.make(corpus.table(name))).code == 2


@pytest.mark.parametrize(
  "options", [[], pytest.param(["--on-error=skip"], marks=pytest.mark.slow)], ids=["stop", "skip"]
)
def test_a_byte_order_mark_is_no_matter_and_a_bad_row_is_skipped(place, options):
  source = place.folder / "in" / "ckextended.csv"
  source.write_bytes(b"\xef\xbb\xbf" + corpus.HEADER + corpus.row(b"-1") + corpus.row())
  assert prepare(place, "ckplus", source, *options).code == (0 if options else 2)


@pytest.mark.parametrize(
  "maker", [corpus.table_bomb, corpus.sparse_table, corpus.table_of_bad_rows]
)
def test_no_table_is_too_long(place, maker):
  source = place.make(maker)
  assert prepare(place, "fer2013", source, named="fer").code == 2


# evaluate, of images


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
  """A folder of 16 sound pictures."""
  folder = tmp_path_factory.mktemp("faces")
  for seed in range(16):
    (folder / f"{seed:02d}.png").write_bytes(corpus.face(seed))
  return folder


def makers(place: Place, cases: dict[str, corpus.Maker]) -> dict[str, pathlib.Path]:
  """Makes each in a folder of its own; those that would run something would touch `ran` there."""
  paths = {}
  for number, (name, maker) in enumerate(cases.items()):
    folder = place.folder / "in" / f"{number:02d}"
    folder.mkdir()
    paths[name] = maker(folder)
  return paths


def of_images(path: object, data_dir: object) -> list[object]:
  return [f"--images={path}", "--data=synthetic", f"--data-dir={data_dir}", "--metrics=swd"]


def of_statistics(path: object, faces: object) -> list[object]:
  return [f"--reference={path}", f"--images={faces}", "--resize=pytorch", "--metrics=fid"]


def ran(place: Place) -> bool:
  return any(place.folder.rglob("ran"))


def test_no_array_of_images_or_statistics_is_taken_at_its_word(place, data_dir, faces):
  pictures = {name: corpus.picture(name) for name in corpus.PICTURES}
  images = makers(place, corpus.IMAGE_ARRAYS | pictures)
  jobs = {name: of_images(path, data_dir) for name, path in images.items()}
  (place.folder / "in" / "statistics").mkdir()
  for name, maker in corpus.STATISTICS.items():
    folder = place.folder / "in" / "statistics" / name
    folder.mkdir()
    jobs[f"statistics: {name}"] = of_statistics(maker(folder), faces)
  codes = place.run_several("evaluate", "main", jobs)
  assert {name for name, code in codes.items() if code == 0} == set()
  assert not ran(place)


_ALONE = ("objects", "a bomb")


@pytest.mark.slow
@pytest.mark.parametrize("name", _ALONE)
def test_no_array_of_images_is_taken_at_its_word_alone(place, data_dir, name):
  path = place.make(corpus.IMAGE_ARRAYS[name])
  assert place.run("evaluate", *of_images(path, data_dir), named=path.name).code == 2
  assert not ran(place)


@pytest.mark.slow
@pytest.mark.parametrize("name", _ALONE)
def test_no_statistics_are_taken_at_their_word_alone(place, faces, name):
  path = place.make(corpus.STATISTICS[name])
  assert place.run("evaluate", *of_statistics(path, faces), named=path.name).code == 2
  assert not ran(place)


@pytest.mark.parametrize("kind", some(dict.fromkeys(("zip", "bare", "hole", "pipe")), "zip"))
def test_no_pickle_that_poses_as_weights_is_run(place, data_dir, faces, kind):
  path = place.make(corpus.weights(kind))
  flags = [f"--images={faces}", "--data=synthetic", f"--data-dir={data_dir}", "--metrics=fid"]
  ended = place.run("evaluate", *flags, named=path.name, DCGAN_JAX_WEIGHTS=path)
  assert ended.code == 2
  assert not ran(place)


# Workdirs, for evaluate, sample and main


@pytest.fixture(scope="module")
def untrained(tmp_path_factory, data_dir):
  """A run's checkpoints at steps 4 and 8."""
  workdir = tmp_path_factory.mktemp("untrained")
  write_checkpoints(workdir, [4, 8], data_dir)
  return workdir


_CHECKPOINT = "checkpoints/8"
_ALL = tuple(corpus.SPOILT)
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


def spoilt(place: Place, untrained: pathlib.Path, file: str, how: str) -> pathlib.Path:
  """A copy of the run with something in the place of one of its files."""
  name = re.sub(r"\W+", "-", f"{file} {how}")
  workdir = shutil.copytree(untrained, place.target / name)
  if file == "odd_checkpoints":
    corpus.odd_checkpoints(workdir)
  else:
    corpus.spoilt(workdir, file, how)
  return workdir


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
  workdirs = {f"{file}: {how}": spoilt(place, untrained, file, how) for file, how in cases}
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
  workdir = spoilt(place, untrained, f"{_CHECKPOINT}/_CHECKPOINT_METADATA", how)
  assert place.run(command, *flags(command, workdir, data_dir), named="checkpoints/8").code == 2


def test_a_class_whose_config_is_a_pipe_is_no_run_of_each_class(place):
  workdir = place.target / "each"
  (workdir / "happy" / "checkpoints" / "8").mkdir(parents=True)
  corpus.fifo(workdir / "happy" / "config.json")
  assert place.run("sample", f"--workdir={workdir}", named=str(workdir)).code == 2


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
  workdir = spoilt(place, untrained, file, how)
  named = file.removesuffix("/_CHECKPOINT_METADATA")
  assert train(place, workdir, data_dir, named).code == _WRITTEN[case]


@pytest.mark.slow
def test_a_training_passes_over_what_calls_itself_a_checkpoint(place, untrained, data_dir):
  workdir = shutil.copytree(untrained, place.target / "odd")
  corpus.odd_checkpoints(workdir)
  assert train(place, workdir, data_dir, "").code == 0


# main, of configs

_SPOILT_CONFIGS = ("a folder", "a pipe", "a loop", "zeros")


@pytest.mark.parametrize("how", [*corpus.CONFIGS, *_SPOILT_CONFIGS])
def test_no_config_is_taken_at_its_word(place, how):
  config = place.folder / "in" / "mine.py"
  if how in corpus.CONFIGS:
    config.write_bytes(corpus.CONFIGS[how])
  else:
    corpus.spoilt(config.parent, "mine.py", how)
  named = "config.data" if "ConfigDict" in how else "mine.py"
  flags = [f"--config={config}", f"--workdir={place.target}/run"]
  assert place.run("main", *flags, named=named).code == 2
