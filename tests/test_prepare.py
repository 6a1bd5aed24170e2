import io
import json
import pathlib
import re
import sys
import tarfile
import types
import zipfile

import numpy as np
import pytest
from modules_loaded import modules_loaded
from raw_files import folder, png, row, run

from dcgan_jax.data import reports, synthetic
from dcgan_jax.data.prepared import load_prepared
from dcgan_jax.errors import UserError

RNG = np.random.default_rng(0)
FACES = RNG.integers(0, 256, (8, 48, 48)).astype(np.uint8)
RAW = pathlib.Path(__file__).parents[2] / "shared" / "data"


def layouts(path):
  """The same six faces as every layout of fer2013, in the same order."""
  places = [("train", "angry", 0), ("train", "neutral", 6), ("validation", "sad", 4)] * 2
  places.sort()
  files = {
    f"fer2013/{split}/{emotion}/{i}.png": png(FACES[i])
    for i, (split, emotion, _) in enumerate(places)
  }
  usage = {"train": "Training", "validation": "PublicTest"}
  rows = [row(FACES[i], label, usage[split]) for i, (split, _, label) in enumerate(places)]
  table = "".join(["emotion,pixels,Usage\n", *rows]).encode()
  folder(path / "folder", files)
  (path / "any name.csv").write_bytes(table)
  for name, inside in (("images", files), ("rows", {"x/fer2013.csv": table})):
    with zipfile.ZipFile(path / f"{name}.zip", "w") as archive:
      for member, data in inside.items():
        archive.writestr(member, data)
    with tarfile.open(path / f"{name}.tar.gz", "w:gz") as archive:
      # The other way round: members of a tar come in any order.
      for member, data in reversed(inside.items()):
        info = tarfile.TarInfo(member)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
  return ["folder", "any name.csv", "images.zip", "rows.zip", "images.tar.gz", "rows.tar.gz"]


def test_every_layout_of_fer2013_gives_the_same_set(tmp_path):
  data = tmp_path / "data"
  found = []
  for number, source in enumerate(layouts(tmp_path)):
    report = run(data, "fer2013", f"--source={tmp_path / source}", f"--name=set{number}")
    found.append({split: one["fingerprint"] for split, one in report["splits"].items()})
  assert all(one == found[0] for one in found)
  train = load_prepared("set0", "train", str(data))
  np.testing.assert_array_equal(train.images[..., 0], FACES[:4])
  assert train.labels.tolist() == [0, 0, 6, 6]
  held_out = load_prepared("set5", "validation", str(data))
  assert held_out.labels.tolist() == [4, 4]
  assert held_out.sources == ("row 5", "row 6")


def test_the_run_ends_with_a_table(tmp_path, capsys):
  rows = [row(FACES[0]), row(FACES[0], 3), row(FACES[0], 0, "PublicTest"), row(np.full(2304, 9), 6)]
  (tmp_path / "f.csv").write_text("emotion,pixels,Usage\n" + "".join(rows))
  report = run(tmp_path, "fer2013", f"--source={tmp_path / 'f.csv'}")
  printed = re.sub(" +", " ", capsys.readouterr().out)
  for line in [
    "fer2013 is prepared in",
    " train validation total\n",
    "angry 1 1 2\n",
    "happy 1 0 1\n",
    "total 3 1 4\n",
    "exact duplicates 2 redundant copies in 1 groups\n",
    "across splits 1 groups; 1 validation images also occur in an earlier split\n",
    "labels conflict 1 groups\n",
    "constant images 1\n",
    "dropped nothing\n",
  ]:
    assert line in printed
  assert report["images"] == report["read"] == 4
  assert report["splits"]["train"]["classes"]["happy"] == 1
  assert report["duplicates"] == {"redundant_copies": 2, "groups": 1}
  assert report["duplicates_across_splits"] == {
    "groups": 1,
    "images": 1,
    "images_by_split": {"validation": 1},
  }
  assert report["conflicting_labels"] == {"groups": 1}
  assert report["constant"] == {"images": 1, "sources": ["train: row 4"]}
  (group,) = json.loads((tmp_path / "fer2013" / reports.VERSION / "duplicates.json").read_text())
  assert [one["source"] for one in group["images"]] == ["row 1", "row 2", "row 3"]


def test_duplicates_and_constants_are_dropped(tmp_path):
  rows = [row(FACES[0], 0, "PublicTest"), row(FACES[0]), row(FACES[0], 3), row([0] * 2304)]
  (tmp_path / "f.csv").write_text("emotion,pixels,Usage\n" + "".join(rows))
  report = run(
    tmp_path, "fer2013", f"--source={tmp_path}/f.csv", "--drop-duplicates", "--drop-constant"
  )
  assert report["dropped"] == {"constant": 1, "duplicate": 2}
  assert list(report["splits"]) == ["train"]
  assert load_prepared("fer2013", "train", str(tmp_path)).sources == ("row 2",)


def test_odd_images_are_converted(tmp_path):
  files = {
    "a.png": png(FACES[0].astype(np.uint16) * 257),
    "b.png": png(np.dstack([FACES[1]] * 3 + [np.full((48, 48), 255, np.uint8)])),
    "c.png": png(np.kron(FACES[2], np.ones((2, 2), np.uint8))),
  }
  report = run(tmp_path, "folder", f"--source={folder(tmp_path / 'raw', files)}")
  prepared = load_prepared("folder", "train", str(tmp_path))
  np.testing.assert_array_equal(prepared.images[:2, :, :, 0], FACES[:2])
  assert prepared.labels.tolist() == [-1, -1, -1]
  assert prepared.class_names == ()
  assert report["splits"]["train"]["classes"] == {"unlabelled": 3}


def test_ckplus_is_split_by_subject(tmp_path):
  # Ten subjects of two frames: a fifth, two subjects and four frames, is test.
  files = {
    f"happy/S{i // 2:03}_001_{i:08}.png": png(np.full((48, 48), i, np.uint8)) for i in range(20)
  }
  raw = folder(tmp_path / "raw", files)
  report = run(tmp_path, "ckplus", f"--source={raw}", "--split-by=subject")
  assert {split: one["images"] for split, one in report["splits"].items()} == {
    "train": 16,
    "test": 4,
  }
  sides = [set(load_prepared("ckplus", s, str(tmp_path)).subjects) for s in report["splits"]]
  assert not sides[0] & sides[1]


def test_a_usage_column_can_be_ignored(tmp_path):
  rows = row(FACES[0], 7) + row(FACES[1], 6, "PrivateTest")
  (tmp_path / "ckextended.csv").write_text("emotion,pixels,Usage\n" + rows)
  source = f"--source={tmp_path}/ckextended.csv"
  assert list(run(tmp_path, "ckplus", source)["splits"]) == ["train", "test"]
  report = run(tmp_path, "ckplus", source, "--split-by=none", "--name=all")
  assert report["splits"]["train"]["images"] == 2


def test_synthetic_comes_with_action_units(tmp_path):
  report = run(tmp_path, "synthetic", "--num=30", "--seed=5")
  assert {split: one["images"] for split, one in report["splits"].items()} == {
    "train": 27,
    "test": 3,
  }
  prepared = load_prepared("synthetic", "test", str(tmp_path))
  expected = synthetic.render(5, 27, 30)
  np.testing.assert_array_equal(prepared.images, expected.images)
  np.testing.assert_array_equal(prepared.action_units, expected.action_units)
  assert prepared.class_names == synthetic.EXPRESSIONS


def test_a_finished_set_is_left_alone_unless_told_otherwise(tmp_path, capsys):
  run(tmp_path, "synthetic", "--num=10")
  (file,) = (tmp_path / "synthetic" / reports.VERSION).glob("*train*tfrecord*")
  before = file.stat().st_mtime_ns
  run(tmp_path, "synthetic", "--num=10")
  assert "synthetic is prepared already in" in capsys.readouterr().out
  assert file.stat().st_mtime_ns == before
  with pytest.raises(UserError, match=r"otherwise:\n  num was 10, now 20\nReplace it:  --over"):
    run(tmp_path, "synthetic", "--num=20")
  assert run(tmp_path, "synthetic", "--num=20", "--overwrite")["images"] == 20
  assert run(tmp_path, "synthetic", "--num=10", "--name=other")["images"] == 10
  assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "synthetic"]


def test_a_finished_set_is_left_alone_without_tensorflow(data_dir):
  program = "from dcgan_jax import prepare; prepare.main(sys.argv[1:])"
  assert modules_loaded(program, "synthetic", "--num=100", f"--data-dir={data_dir}") == set()


def test_a_set_of_an_earlier_version_is_prepared_again(tmp_path):
  run(tmp_path, "synthetic", "--num=10")
  (tmp_path / "synthetic" / reports.VERSION).rename(tmp_path / "synthetic" / "1.0.0")
  with pytest.raises(UserError, match="'synthetic' is not prepared"):
    load_prepared("synthetic", "test", str(tmp_path))
  run(tmp_path, "synthetic", "--num=10")
  assert len(load_prepared("synthetic", "test", str(tmp_path)).images) == 1


def test_a_source_that_changed_is_not_the_same(tmp_path):
  source = tmp_path / "f.csv"
  source.write_text("emotion,pixels,Usage\n" + row(FACES[0]))
  run(tmp_path, "fer2013", f"--source={source}")
  source.write_text("emotion,pixels,Usage\n" + row(FACES[0]) + row(FACES[1]))
  with pytest.raises(UserError, match="the source's files have changed since then"):
    run(tmp_path, "fer2013", f"--source={source}")


def test_a_source_that_is_gone_is_not_the_same(tmp_path):
  source = tmp_path / "f.csv"
  source.write_text("emotion,pixels,Usage\n" + row(FACES[0]))
  run(tmp_path, "fer2013", f"--source={source}")
  source.unlink()
  with pytest.raises(UserError, match="the source's files are gone"):
    run(tmp_path, "fer2013", f"--source={source}")


def test_download_fetches_and_prepares(tmp_path, monkeypatch):
  fetched = []

  def dataset_download(slug):
    fetched.append(slug)
    return str(folder(tmp_path / "kaggle", {"images/train/fear/1.png": png(FACES[0])}))

  module = types.ModuleType("kagglehub")
  module.dataset_download = dataset_download
  monkeypatch.setitem(sys.modules, "kagglehub", module)
  report = run(tmp_path, "fer2013", "--download")
  run(tmp_path, "fer2013", "--download")  # prepared already: nothing is fetched
  assert fetched == ["jonathanoheix/face-expression-recognition-dataset"]
  assert report["options"]["source"] == f"kaggle:{fetched[0]}"
  assert report["images"] == 1


@pytest.mark.slow
def test_fer2013_agrees_with_what_is_known_of_it(tmp_path):
  archive = RAW / "fer2013.tar.gz"
  if not archive.exists():
    pytest.skip(f"{archive} is not here")
  report = run(tmp_path, "fer2013", f"--source={archive}")
  assert {s: one["images"] for s, one in report["splits"].items()} == {
    "train": 28_709,
    "validation": 3_589,
  }
  # FACTS.md, section 7.
  assert report["duplicates"] == {"redundant_copies": 1_532, "groups": 1_273}
  assert report["conflicting_labels"]["groups"] == 47
  assert report["duplicates_across_splits"]["groups"] == 270
  assert report["duplicates_across_splits"]["images_by_split"] == {"validation": 280}
  assert report["constant"]["images"] == 12


@pytest.mark.slow
def test_ckplus_agrees_with_what_is_known_of_it(tmp_path):
  archive = RAW / "ckplus.tar.gz"
  if not archive.exists():
    pytest.skip(f"{archive} is not here")
  report = run(tmp_path, "ckplus", f"--source={archive}", "--split-by=subject")
  assert report["images"] == 981
  # 118 subjects, a fifth of which is 23.6.
  assert {s: one["subjects"] for s, one in report["splits"].items()} == {"train": 94, "test": 24}
