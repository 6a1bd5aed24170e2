import re

import pytest
import yaml
from untrained_run import write_checkpoints

from dcgan_jax.evaluation.protocol import Score
from dcgan_jax.evaluation.results import Results
from dcgan_jax.exporting.card import card
from dcgan_jax.exporting.description import EMA, RAW, describe
from dcgan_jax.trained import load_generator, saved_at

FLOORS = [
  {"kind": "disjoint", "fid": 17.8, "num": 495, "against": 486, "splits": 3, "low": 17.1,
   "high": 18.4, "other": ""},
]  # fmt: skip


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
  """A conditional run with checkpoints at 2 and 4, and scores of some of its weights."""
  workdir = tmp_path_factory.mktemp("run")
  write_checkpoints(workdir, [2, 4], model="projection")
  add_score(workdir, 4, EMA, "fid", Score("fid10k_train", 52.4, 10_000, details={"floors": FLOORS}))
  add_score(workdir, 4, RAW, "fid", Score("fid10k_train", 91.1, 10_000))
  add_score(workdir, 2, EMA, "fid", Score("fid10k_train", 345.0, 10_000))
  add_score(workdir, 4, EMA, "kid", Score("kid10k_train", 0.0145, 10_000), saved_at=1)
  note = "12.0% of samples lie as close"
  add_score(
    workdir, 4, EMA, "memorization", Score("memorization_pixels10k_train", 0.31, 10_000, note=note)
  )
  return workdir


def add_score(workdir, step, kind, metric, score, **subject):
  subject = {"step": step, "generator": kind, "saved_at": saved_at(workdir, step)} | subject
  reference = {"name": "train", "sha256": "4bcd" * 16}
  request = {"metric": metric, "seed": 0, "reference": reference, "inception_sha256": "6726" * 16}
  request |= {"resize": "tensorflow"}
  Results(workdir / "evaluation.jsonl").append(subject, request, [score], {})


def described(workdir, kind, step=4):
  return describe(load_generator(workdir, step, kind == EMA), kind)


def test_it_has_the_scores_of_these_weights_and_no_others(workdir):
  text = card(described(workdir, EMA), workdir, "onnx", [])
  assert "fid10k_train" in text
  assert "52.4" in text
  for another in ("91.1", "345", "kid10k"):
    assert another not in text
  assert "91.1" in card(described(workdir, RAW), workdir, "onnx", [])


def test_the_protocol_and_the_floors_stand_beside_the_scores(workdir):
  text = card(described(workdir, EMA), workdir, "onnx", [])
  (row,) = [line for line in text.splitlines() if line.startswith("| fid10k_train")]
  assert "Floor: 17.8 (17.1 to 18.4): other images of the set, 495 against 486" in row
  assert f"Reference train: SHA-256 {'4bcd' * 16}" in text
  assert f"Inception weights: SHA-256 {'6726' * 16}, resize tensorflow" in text


def test_what_is_copied_is_said_to_be(workdir):
  text = card(described(workdir, EMA), workdir, "onnx", [])
  verdict = text.partition("Does it remember training images?")[2].partition("##")[0]
  assert "memorization_pixels10k_train: 0.31. Copies:" in verdict
  assert "12.0% of samples lie as close" in verdict


def test_what_was_not_measured_is_said_with_the_command(workdir):
  text = card(described(workdir, RAW, step=2), workdir, "onnx", [])
  assert "Not scored." in text
  command = "`python -m dcgan_jax.evaluate --workdir=RUN --step=2 --metrics=memorization`"
  assert command in text
  averaged = card(described(workdir, EMA, step=2), workdir, "onnx", [])
  assert "--step=2 --ema --metrics=memorization`" in averaged
  assert str(workdir) not in text  # it goes to people who have no such folder


@pytest.mark.parametrize("form", ["safetensors", "stablehlo", "onnx", "web"])
def test_its_head_is_metadata_for_programs(workdir, form):
  text = card(described(workdir, EMA), workdir, form, [])
  head = yaml.safe_load(re.fullmatch(r"---\n(.*?)\n---\n.*", text, re.DOTALL)[1])
  assert head["license"] == "other"
  assert head["license_name"] == "free-of-photographs"
  assert head["pipeline_tag"] == "unconditional-image-generation"
  assert head["library_name"] in ("jax", "onnx")


def test_it_says_what_the_model_takes_and_what_was_measured(workdir):
  text = card(described(workdir, EMA), workdir, "onnx", ["It differs by 1e-06."])
  assert "| latents | [batch, 8] | normal" in text
  assert "| classes | [batch, 3] | rows that sum to 1, in the order angry, happy, sad;" in text
  assert "| pixels | [batch, 48, 48, 1] |" in text
  assert "It differs by 1e-06." in text
  assert "opset 17" in text


def test_it_says_what_the_model_was_trained_on_and_how(workdir):
  about = described(workdir, EMA)
  about["config"]["data"]["name"] = "ckplus"
  text = card(about, workdir, "safetensors", [])
  assert "| set | ckplus/train |" in text
  assert "angry 5, happy 3, sad 2" in text
  assert "| images seen | 32, 4 updates of 8 |" in text
  assert "| model.width | 2 (default 64) |" in text
  assert "signed agreement" in text


def test_names_that_hold_anything_stay_text(workdir):
  about = described(workdir, EMA)
  names = ["a|b", "```\n# Not a heading", "<script>[x](y)\x1b"]
  about["class_names"] = about["data"]["class_names"] = names
  about["config"]["data"]["name"] = 'set"\n---'
  for form in ("safetensors", "stablehlo", "onnx", "web"):
    text = card(about, workdir, form, [])
    assert "\n# Not" not in text
    assert "<script>" not in text.replace("\\<script", "")
    assert "\x1b" not in text
    assert "a\\|b" in text
    assert text.count("\n---\n") == 1  # the end of the metadata
    yaml.safe_load(text.split("\n---\n")[0].removeprefix("---\n"))
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL) or ["pass"]
    compile(block, "card", "exec")
