"""From a checkout to faces by one command."""

import sys

import pytest

from .checkouts import quickstart


@pytest.mark.slow
def test_quickstart_trains_draws_and_says_what_to_type_next(checkout, tmp_path, as_users_compile):
  small = ("--config.num_steps=2", "--config.model.width=2")
  result = quickstart(checkout, sys.executable, *small, DCGAN_JAX_DATA=str(tmp_path / "data"))
  assert result.returncode == 0, result.stderr
  run = checkout / "runs" / "quickstart"
  for name in (
    "faces.png",
    "curves.png",
    "finished.json",
    "samples/00000002.png",
    "evaluation.jsonl",
  ):
    assert (run / name).exists(), name
    if name.endswith(".png"):
      assert f"runs/quickstart/{name.split('/')[0]}" in result.stdout
  assert "swd2048_train" in result.stdout
  assert "python -m dcgan_jax.main --config=configs/ex2.py" in result.stdout
