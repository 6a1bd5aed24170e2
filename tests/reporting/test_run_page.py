import json
import os
import pathlib
import shutil

import pytest
from hand_made import (
  DATA,
  config_of,
  logged,
  scored,
  write_lines,
  write_picture,
)  # fmt: skip
from page_reader import PageReader, read

from dcgan_jax.reporting.run_files import read_run
from dcgan_jax.reporting.run_page import newest_picture, write_page


def frames(found):
  """The slider's pictures: the steps of each kind of weights."""
  data = json.loads(found.scripts[0])
  return {kind: [one["step"] for one in each] for kind, each in data.items()}


def test_a_page_tells_all_there_is_to_tell(charted):
  found = read(charted)
  for part in (
    "a Theme Written ", "not finished 9 of 12 updates.", "images seen 72 epochs 0.8",
    "images/s 200", "newest checkpoint step 9", "best fid16_train 40",
    "Each place in the picture has the same latent", "After 9 updates Play Weights raw averaged",
    "Loss discriminator 0.25 generator 2", "Gradient norm discriminator 1.5 generator 0.25",
    "FID fid16_train, raw 40 other photographs 20 synthetic/test 25", "KID kid16_train, raw 0.0125",
    "Step 9, raw weights Score Value What it says fid16_train 40 2.0 times what other real",
    "kid16_train 0.0125 ± 0.0025", "No sign of copying", "These are photographs from the training",
    "Step 9: raw memorization pixels16 train", "set synthetic/train images 90",
    "classes angry 40, happy 50", "batch_size 8 (default 16)", "processor Some CPU",
    "Versions jax 0.10.2", "Resume python -m dcgan_jax.main --config=configs/ex2.py",
    f"Evaluate python -m dcgan_jax.evaluate --workdir={charted} --ema",
  ):  # fmt: skip
    assert part in found.text
  assert "Missing" not in found.text
  assert frames(found) == {"raw": [3, 6, 9], "averaged (EMA)": [3, 6, 9]}
  titles = [svg["aria-label"].partition(",")[0] for svg in found.all("svg")]
  assert titles == ["Loss", "Discriminator right", "Gradient norm", "Speed", "FID", "KID"]
  (bar,) = found.all("progress")
  assert float(bar["value"]) == 0.75


def test_it_is_one_file_that_needs_no_other(charted):
  found = read(charted)
  assert all(src.startswith("data:image/webp;base64,") for src in found.values("src"))
  links = found.values("href") + found.values("xlink:href")
  assert all(link.startswith(("#", "data:")) for link in links)
  assert {link[1:] for link in links if link.startswith("#")} <= set(found.values("id"))
  assert set(found.values("for")) <= set(found.values("id"))


def test_it_is_written_into_the_workdir_or_where_one_says(workdir, tmp_path):
  write_page(workdir)
  assert "Loss" in (workdir / "report.html").read_text(encoding="utf-8")
  write_page(workdir, tmp_path / "new" / "b.html")
  assert (tmp_path / "new" / "b.html").exists()
  assert [path.name for path in tmp_path.joinpath("new").iterdir()] == ["b.html"]


def test_a_page_that_cannot_be_written_is_told_and_the_old_one_stays(workdir):
  (workdir / "report.html").mkdir()
  with pytest.raises(OSError, match=r"report\.html"):
    write_page(workdir)
  assert not list(workdir.glob(".report*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_workdir_that_can_only_be_read_has_its_page_elsewhere(workdir, tmp_path):
  workdir.chmod(0o500)
  with pytest.raises(PermissionError):
    write_page(workdir)
  write_page(workdir, tmp_path / "a.html")
  workdir.chmod(0o700)


def test_an_empty_folder_has_a_page_that_says_what_is_missing(tmp_path):
  found = read(tmp_path)
  assert "not finished 0 updates." in found.text
  for name in ("config.json", "run.json", "metrics.jsonl", "samples/", "checkpoints/"):
    assert name in found.text.partition("Damaged, missing, or not there yet")[2]
  assert "None yet. Score the newest checkpoint:" in found.text
  assert (found.all("img"), found.all("svg"), len(found.scripts)) == ([], [], 1)


def test_the_time_left_of_a_training_is_told(workdir):
  # 9 of 1,809 steps of 8 images at 200 a second: 72 s.
  run = {"total_steps": 1809, "data": DATA, "sessions": []}
  (workdir / "run.json").write_text(json.dumps(run))
  assert "training 9 of 1,809 updates; 72 s left." in read(workdir, training=True).text
  assert "not finished 9 of 1,809 updates." in read(workdir).text


def test_it_may_be_told_to_reload_while_a_training_goes_on(workdir):
  assert "follow" in read(workdir, training=True).values("id")
  assert "follow" not in read(workdir, training=False).values("id")


@pytest.mark.parametrize(
  ("mark", "words"),
  [
    ("finished", "finished 12 updates."),
    ("diverged", "diverged 12 of 12 updates; a loss or gradient stopped being finite."),
  ],
)
def test_a_run_that_ended_says_how(workdir, mark, words):
  (workdir / f"{mark}.json").write_text('{"step": 12}')
  assert words in read(workdir).text


def test_the_best_fid_is_the_lowest_by_the_last_protocol_alone(workdir):
  def best(*rows):
    write_lines(workdir / "evaluation.jsonl", rows)
    return read(workdir).text.partition("best ")[2][:16]

  old, low = scored("fid16_train", 1.0), scored("fid10k_train", 30.0, step=3)
  new, other = scored("fid10k_train", 40.0), scored("kid10k_train", 0.5)
  endless = scored("fid_infinity10k_train", 2.0, request={"metric": "fid"})
  of_a_class = scored("fid10k_train/sad", 3.0, request={"metric": "per_class"})
  refused = scored("fid10k_test", None)
  assert best(old, low, new, endless, of_a_class, other, refused) == "fid10k_train 30 "
  assert best(other) == ""


def test_a_model_of_expressions_has_them_above_its_columns(workdir):
  config = config_of()
  config["model"]["name"] = "acgan"
  (workdir / "config.json").write_text(json.dumps(config))
  found = read(workdir)
  assert "A row is one latent, a column an expression" in found.text
  assert "in each picture. angry happy After" in found.text
  (columns,) = [one for one in found.all("div") if one.get("class") == "columns"]
  assert columns["style"] == "grid-template-columns:repeat(2,1fr)"


def test_of_many_pictures_some_are_taken_the_first_and_the_last_among_them(workdir):
  for step in range(100, 200):
    write_picture(workdir / "samples" / f"{step:08d}.png")
  steps = frames(read(workdir))["raw"]
  assert (len(steps), steps[0], steps[-1]) == (24, 3, 199)


def test_pictures_that_are_no_pictures_are_named_and_left_out(workdir):
  samples = workdir / "samples"
  half = (samples / "00000009_ema.png").read_bytes()[:-30]
  (samples / "00000009_ema.png").write_bytes(half)
  for name in ("00000003", "00000004_ema"):
    (samples / f"{name}.png").unlink(missing_ok=True)
  (samples / "00000003.png").mkdir()
  os.mkfifo(samples / "00000004_ema.png")
  (samples / "00000005.png").symlink_to("nowhere")
  (workdir / "evaluation" / "00000009_raw_memorization_half.png").write_bytes(half)
  found = read(workdir)
  for line in (
    "samples/00000003.png: not a file, and left out.",
    "samples/00000004_ema.png: not a file, and left out.",
    "samples/00000005.png: No such file or directory, and left out.",
    "samples/00000009_ema.png: not a whole picture, and left out.",
    "evaluation/00000009_raw_memorization_half.png: not a whole picture, and left out.",
  ):
    assert line in found.text
  assert frames(found) == {"raw": [6, 9], "averaged (EMA)": [3, 6]}
  assert newest_picture(read_run(workdir)).width == 8


def test_a_run_of_raw_weights_alone_shows_these(workdir):
  for path in (workdir / "samples").glob("*_ema.png"):
    path.unlink()
  found = read(workdir)
  assert frames(found) == {"raw": [3, 6, 9]}
  (radio,) = [one for one in found.all("input") if one["type"] == "radio"]
  assert radio.keys() >= {"checked"}


def test_no_picture_at_all_is_no_slider(workdir):
  shutil.rmtree(workdir / "samples")
  found = read(workdir)
  assert "at-step" not in found.values("id")
  assert newest_picture(read_run(workdir)) is None


def test_the_closest_training_images_are_the_newest_and_can_be_left_out(workdir):
  write_picture(workdir / "evaluation" / "00000006_raw_memorization_pixels16_train.png")
  write_picture(workdir / "evaluation" / "00000009_raw_confusion.png")
  found = read(workdir)
  assert found.text.count("raw memorization") == 1
  bare = read(workdir, with_training_images=False)
  assert "photographs from the training set" not in bare.text
  assert len(bare.all("img")) == len(found.all("img")) - 1


def test_the_page_of_a_long_run_stays_small(tmp_path):
  write_lines(tmp_path / "metrics.jsonl", (logged(100 * i, generator_loss=i * 7 % 11 / 3)
                                           for i in range(1, 20_000)))  # fmt: skip
  write_page(tmp_path)
  assert (tmp_path / "report.html").stat().st_size < 300_000


def test_a_page_of_a_finished_run_says_so_and_has_all_its_parts(finished):
  _, workdir = finished
  found = PageReader((pathlib.Path(workdir) / "report.html").read_text())
  assert found.problems == []
  assert "finished 12 updates." in found.text
  assert "Missing" not in found.text
  assert frames(found) == {"raw": [6, 12], "averaged (EMA)": [6, 12]}
  for part in ("images seen 96", "set synthetic/train images 90", "devices 1 × cpu"):
    assert part in found.text
