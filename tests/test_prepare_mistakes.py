"""What `prepare` does with bad input, with interruption and with a full disk."""

import os
import signal
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from raw_files import folder, png, row, run

from dcgan_jax import prepare
from dcgan_jax.data import builders, reports
from dcgan_jax.data.prepared import load_prepared
from dcgan_jax.errors import UserError, run_command

FACES = np.random.default_rng(0).integers(0, 256, (2, 48, 48)).astype(np.uint8)


def letter(capsys, data, *args):
  """Runs as the shell would, expects exit code 2, and returns what was written to stderr."""
  with pytest.raises(SystemExit) as ended:
    run_command("prepare", lambda: prepare.main([*map(str, args), f"--data-dir={data}"]))
  assert ended.value.code == 2
  assert not list(data.glob(f"*/{reports.VERSION}"))
  return capsys.readouterr().err


CSV_MISTAKES = {
  "a short row": (row(FACES[0])[:-30] + ",Training\n", "row 2: 2,"),
  "a letter": (row(["x", *FACES[0].ravel()[1:]]), "row 2: pixel 1 is 'x'"),
  "300": (row([300, *FACES[0].ravel()[1:]]), "row 2: pixel 1 is 300, outside 0 to 255"),
  "label 9": (row(FACES[0], 9), "row 2: label '9', expected a whole number from 0 to 6"),
}


@pytest.mark.parametrize("mistake", CSV_MISTAKES)
def test_a_bad_row_stops_or_is_skipped_and_listed(tmp_path, capsys, mistake):
  text, complaint = CSV_MISTAKES[mistake]
  source = tmp_path / "f.csv"
  source.write_text("emotion,pixels,Usage\n" + row(FACES[0]) + text + row(FACES[1]))
  message = letter(capsys, tmp_path, "fer2013", f"--source={source}")
  assert message.startswith(f"prepare: f.csv, {complaint}")
  assert message.endswith("         Skip bad items and list them:  --on-error=skip\n")
  report = run(tmp_path, "fer2013", f"--source={source}", "--on-error=skip")
  assert report["images"] == 2
  assert report["skipped"][0]["item"] == "f.csv, row 2"
  assert f"  f.csv, {complaint}" in capsys.readouterr().out


@pytest.mark.parametrize(
  ("text", "complaint"),
  [
    ("", "f.csv: the file is empty"),
    ("emotion,pixels,Usage\n", "f.csv: no data rows below the header"),
    ("emotion,pixels\n0,1\n", "f.csv: no column 'Usage'; the header reads emotion, pixels"),
  ],
)
def test_a_csv_without_faces_stops(tmp_path, capsys, text, complaint):
  (tmp_path / "f.csv").write_text(text)
  message = letter(capsys, tmp_path, "fer2013", f"--source={tmp_path}/f.csv", "--on-error=skip")
  assert message.startswith(f"prepare: {complaint}")


BAD_FILES = {
  "truncated.jpg": (png(FACES[0], "JPEG")[:600], "damaged image: image file is truncated"),
  "text.png": (b"hello\n", "not an image; it is text that begins 'hello"),
  "empty.png": (b"", "the file is empty"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_stops_or_is_skipped_and_listed(tmp_path, capsys, name):
  data, complaint = BAD_FILES[name]
  raw = folder(tmp_path / "raw", {"good.png": png(FACES[0]), name: data})
  message = letter(capsys, tmp_path, "folder", f"--source={raw}")
  assert message.startswith(f"prepare: {raw}/{name}: {complaint}")
  report = run(tmp_path, "folder", f"--source={raw}", "--on-error=skip")
  assert [one["item"] for one in report["skipped"]] == [f"{raw}/{name}"]


def test_an_archive_that_climbs_out_is_refused_and_writes_nothing(tmp_path, capsys):
  with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
    archive.writestr("happy/good.png", png(FACES[0]))
    archive.writestr("../../evil.png", png(FACES[1]))
  data = tmp_path / "a" / "b"
  message = letter(capsys, data, "fer2013", f"--source={tmp_path}/evil.zip")
  assert message.startswith(
    "prepare: evil.zip, member '../../evil.png': a path that climbs out of the archive"
  )
  assert not list(tmp_path.rglob("evil.png"))
  report = run(data, "fer2013", f"--source={tmp_path}/evil.zip", "--on-error=skip")
  assert (report["images"], len(report["skipped"])) == (1, 1)
  assert not list(tmp_path.rglob("evil.png"))


def test_bad_items_without_number_are_not_skipped(tmp_path, capsys, monkeypatch):
  monkeypatch.setattr(prepare, "_MOST_SKIPPED", 2)
  raw = folder(tmp_path / "raw", {f"{i}.png": b"" for i in range(3)})
  message = letter(capsys, tmp_path, "folder", f"--source={raw}", "--on-error=skip")
  assert message.startswith("prepare: more than 2 bad items")
  assert f"{raw}/0.png: the file is empty" in message


def test_nothing_usable_is_no_set(tmp_path, capsys):
  raw = folder(tmp_path / "raw", {"a.png": b"1", "b.png": b"2"})
  message = letter(capsys, tmp_path, "folder", f"--source={raw}", "--on-error=skip")
  assert "not one image could be used; 2 items were skipped" in message


@pytest.mark.parametrize(
  ("args", "complaint"),
  [
    (["fer2013"], "fer2013 needs the raw data:  --source=PATH"),
    (["fer2013", "--source=/no/where"], "source /no/where does not exist"),
    (["fer2013", "--source=x", "--download"], "--source and --download: give one"),
    (["synthetic", "--source=x"], "synthetic is rendered here"),
    (["synthetic", "--num=0"], "--num is 1 or more"),
    (["fer2013", "--source=x", "--size=64"], "--size and --color are for folder"),
    (["folder", "--source=x", "--size=9"], "--size=9: from 16 to 1024 pixels a side"),
    (["celeba"], "celeba needs the raw data:  --source=PATH"),
    (["folder", "--source=x", "--num=3"], "--num and --seed are for synthetic"),
    (["folder", "--source=x", "--split-by=subject"], "--split-by=subject is for ckplus"),
    (["folder", "--source=x", "--name=My/Set"], "lower-case letters, digits and underscores"),
    (["folder", "--source=x", "--name=synthetic"], "--name=synthetic: is the built-in faces' own"),
    (["cats", "--source=x"], "invalid choice: 'cats'"),
    (["fer2013", "--sauce=x"], "unrecognized arguments: --sauce=x"),
  ],
)
def test_usage_errors_end_with_code_2(tmp_path, capsys, args, complaint):
  assert complaint in letter(capsys, tmp_path, *args)


def test_ctrl_c_leaves_nothing_and_says_so(tmp_path, capsys, monkeypatch):
  def interrupted(*args):
    raise KeyboardInterrupt

  monkeypatch.setattr(builders, "write_set", interrupted)
  with pytest.raises(SystemExit) as end:
    run_command("prepare", lambda: prepare.main(["synthetic", "--num=5", f"--data-dir={tmp_path}"]))
  assert end.value.code == 75
  assert "prepare: interrupted. Run the same command again." in capsys.readouterr().err
  assert list(tmp_path.iterdir()) == []


def test_a_full_disk_says_so_and_leaves_nothing(tmp_path, capsys, monkeypatch):
  def full(self, **options):
    # As TFDS hands on TensorFlow's error.
    cause = builders.tf.errors.ResourceExhaustedError(None, None, "No space left on device")
    raise RuntimeError("Failed to finalize writing of split") from cause

  monkeypatch.setattr(builders.FaceSet, "download_and_prepare", full)
  message = letter(capsys, tmp_path, "synthetic", "--num=5")
  assert "could not be written" in message
  assert "No space left on device" in message
  assert list(tmp_path.iterdir()) == []


def test_a_killed_preparation_is_no_set_and_leaves_no_growing_rubbish(tmp_path):
  # Stops for ever at the fourth image it writes, by when TFDS's unfinished folder exists.
  program = (
    "import os, signal, sys\nfrom dcgan_jax import prepare\nfrom dcgan_jax.data import spool\n"
    "read, count = spool.Spool.read, [0]\n"
    "def slow(self, record):\n"
    "  count[0] += 1\n"
    "  if count[0] == 14:\n"  # the fingerprint has read all ten before
    "    os.write(1, b'writing\\n')\n    signal.pause()\n"
    "  return read(self, record)\n"
    "spool.Spool.read = slow\n"
    "prepare.main(sys.argv[1:])\n"
  )
  command = [sys.executable, "-c", program, "synthetic", "--num=10", f"--data-dir={tmp_path}"]
  with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
    assert process.stdout.readline() == "writing\n"
    os.kill(process.pid, signal.SIGKILL)
  assert list(tmp_path.rglob("incomplete*")), "the run was killed before it began to write"
  with pytest.raises(UserError, match="'synthetic' is not prepared"):
    load_prepared("synthetic", "train", str(tmp_path))
  run(tmp_path, "synthetic", "--num=10")
  assert len(load_prepared("synthetic", "train", str(tmp_path)).images) == 9
  assert [path.name for path in tmp_path.iterdir()] == ["synthetic"]


def test_ckextended_knows_no_subjects(tmp_path, capsys):
  (tmp_path / "ckextended.csv").write_text("emotion,pixels,Usage\n" + row(FACES[0], 7))
  args = ("ckplus", f"--source={tmp_path}/ckextended.csv", "--split-by=subject")
  assert "no subject is known for row 1" in letter(capsys, tmp_path, *args)


@pytest.mark.parametrize(
  "text", ["[]", "[" * 100_000, '{"kind": "folder"}', '{"kind": "folder", "options": 3}']
)
def test_a_set_whose_report_is_damaged_is_told_so_when_it_is_prepared_again(tmp_path, text):
  raw = folder(tmp_path / "raw", {"a.png": png(FACES[0])})
  run(tmp_path, "folder", f"--source={raw}")
  (tmp_path / "folder" / reports.VERSION / reports.REPORT).write_text(text)
  with pytest.raises(UserError, match=r"data set 'folder' in .* is damaged"):
    run(tmp_path, "folder", f"--source={raw}")
