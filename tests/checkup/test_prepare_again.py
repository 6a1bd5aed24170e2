import shlex

import pytest

from dcgan_jax import prepare
from dcgan_jax.checkup.prepare_again import prepare_again
from dcgan_jax.data import arguments

OPTIONS = {
  "source": "/raw/archive.zip",
  "source_state": "0123",
  "split_by": "source",
  "on_error": "stop",
  "drop_duplicates": False,
  "drop_constant": False,
}


def report(kind, **options):
  return {"kind": kind, "options": OPTIONS | options, "image_shape": [48, 48, 1]}


@pytest.mark.parametrize(
  ("name", "made", "words"),
  [
    ("fer2013", report("fer2013"), "fer2013 --source=/raw/archive.zip"),
    (
      "clean",
      report("fer2013", drop_duplicates=True, drop_constant=True, on_error="skip"),
      "fer2013 --source=/raw/archive.zip --on-error=skip --drop-duplicates --drop-constant "
      "--name=clean",
    ),
    (
      "ckplus",
      report("ckplus", source="kaggle:davilsena/ckdataset", split_by="subject"),
      "ckplus --download=davilsena/ckdataset --split-by=subject",
    ),
    ("celeba", report("celeba", source="tfds:/tfds/celeb_a/2.1.0"), "celeba --source=tfds"),
    (
      "mine",
      report("folder", source="/my photos") | {"image_shape": [64, 64, 3]},
      "folder '--source=/my photos' --size=64 --color --name=mine",
    ),
    ("synthetic", report("synthetic", num=28_000, seed=0), "synthetic"),
    ("small", report("synthetic", num=100, seed=3), "synthetic --num=100 --seed=3 --name=small"),
    ("fer2013_old", None, "fer2013 --source=PATH --name=fer2013_old"),
    ("photos", {"kind": "folder"}, "folder --source=PATH --name=photos"),
    ("photos", {"kind": ["no", "kind"], "options": 3}, "folder --source=PATH --name=photos"),
  ],
)
def test_the_command_has_what_the_report_knows(name, made, words):
  assert prepare_again(name, made, None, overwrite=False) == f"python -m dcgan_jax.prepare {words}"


def test_what_is_in_the_way_is_replaced_where_it_lies():
  command = prepare_again("synthetic", report("synthetic", num=28_000, seed=0), "a b", True)
  assert command == "python -m dcgan_jax.prepare synthetic '--data-dir=a b' --overwrite"


def test_the_command_of_a_set_prepares_the_same_set(tmp_path):
  from dcgan_jax.data import reports

  first = ["synthetic", "--num=20", "--seed=4", "--name=few", f"--data-dir={tmp_path}"]
  assert prepare.main(first) == 0
  made = reports.read_report(reports.set_dir(tmp_path, "few"))
  command = shlex.split(prepare_again("few", made, str(tmp_path), overwrite=False))
  assert command[:3] == ["python", "-m", "dcgan_jax.prepare"]
  again = arguments.parse(command[3:])
  assert {"kind": again.kind, **arguments.options(again)} == {
    "kind": "synthetic",
    **made["options"],
  }
