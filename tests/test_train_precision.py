"""Training as config.precision says."""

import json

import pytest
from run_files import assert_same_bits, rows_of, state_at

from dcgan_jax import precision_check
from dcgan_jax.sample import sample
from dcgan_jax.train import train

pytestmark = pytest.mark.slow  # together they take most of a minute


@pytest.fixture(scope="module")
def rounded(finished, tmp_path_factory):
  """The same run in bfloat16, its config and its workdir."""
  config = finished[0].copy_and_resolve_references()
  config.precision = "bfloat16"
  workdir = tmp_path_factory.mktemp("rounded")
  assert train(config, workdir) == 0
  return config, workdir


def test_the_configs_precision_is_that_of_the_updates(finished, rounded):
  ours, exact = (rows_of(workdir)[0] for _, workdir in (rounded, finished))
  for loss in ("discriminator_loss", "generator_loss"):
    assert ours[loss] != exact[loss]
    assert ours[loss] == pytest.approx(exact[loss], rel=0.05)


def test_where_bfloat16_does_not_work_the_run_is_a_float32_one(
  finished, tmp_path, monkeypatch, capsys
):
  monkeypatch.setattr(precision_check, "_refusal", lambda: "DotThunk")
  config = finished[0].copy_and_resolve_references()
  config.precision, config.num_steps = "bfloat16", 5
  assert train(config, tmp_path) == 0
  assert "does not work on this CPU (DotThunk)" in capsys.readouterr().err
  assert json.loads((tmp_path / "config.json").read_text())["precision"] == "float32"
  assert rows_of(tmp_path)[0]["generator_loss"] == rows_of(finished[1])[0]["generator_loss"]


def test_a_run_that_fell_back_to_float32_goes_on_where_bfloat16_works(
  finished, tmp_path, monkeypatch, capsys
):
  config = finished[0].copy_and_resolve_references()
  with monkeypatch.context() as there:
    there.setattr(precision_check, "_refusal", lambda: "DotThunk")
    asked = config.copy_and_resolve_references()
    asked.precision, asked.num_steps = "bfloat16", 5
    assert train(asked, tmp_path) == 0
  asked = config.copy_and_resolve_references()
  asked.precision = "bfloat16"
  assert train(asked, tmp_path) == 0
  assert "it goes on in float32" in capsys.readouterr().err
  assert_same_bits(state_at(tmp_path, config, 12), state_at(finished[1], config, 12))


def test_mixed_bfloat16_rounds_more_and_trains_alike(finished, rounded, tmp_path):
  config = finished[0].copy_and_resolve_references()
  config.precision, config.num_steps = "mixed_bfloat16", 4
  assert train(config, tmp_path) == 0
  mixed, ours, exact = (rows_of(path)[0] for path in (tmp_path, rounded[1], finished[1]))
  for loss in ("discriminator_loss", "generator_loss"):
    assert mixed[loss] not in (ours[loss], exact[loss])
    assert mixed[loss] == pytest.approx(exact[loss], rel=0.05)


def test_a_run_in_bfloat16_resumes_to_the_same_bits(rounded, tmp_path):
  whole, workdir = rounded
  config = whole.copy_and_resolve_references()
  for steps in (5, 12):
    config.num_steps = steps
    assert train(config, tmp_path) == 0
  assert_same_bits(state_at(tmp_path, config, 12), state_at(workdir, whole, 12))


def test_pictures_of_a_run_in_bfloat16_are_those_that_sampling_draws(rounded, tmp_path):
  _, workdir = rounded
  out = tmp_path / "grid.png"
  assert sample([f"--workdir={workdir}", "--num=64", "--ema", f"--out={out}"]) == 0
  assert out.read_bytes() == (workdir / "samples" / "00000012_ema.png").read_bytes()
