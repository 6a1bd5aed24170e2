import pathlib

import pytest
from hand_made import config_of, logged

from dcgan_jax.reporting.run_files import RunFiles
from dcgan_jax.reporting.standing import standing


def run_of(**files):
  files = {"config": config_of(), "run": {"total_steps": 100, "data": {"num_examples": 90}}} | files
  return RunFiles(pathlib.Path("a"), "a", **files)


def test_images_epochs_and_share_follow_from_the_step():
  # Batch 8: 45 steps are 360 images, four times the 90 of the set.
  stands = standing(run_of(metrics=[logged(45)]))
  assert (stands.step, stands.total, stands.images, stands.epochs) == (45, 100, 360, 4.0)
  assert stands.share == 0.45


def test_the_speed_is_that_of_the_last_log_points_and_the_time_left_follows():
  fast = [logged(step, images_per_second=9000.0) for step in range(1, 31)]
  # Five spans of the same number of images at 100/s, five at 300/s: 150/s in all.
  last = [logged(step, images_per_second=100.0 + 200 * (step % 2)) for step in range(31, 41)]
  stands = standing(run_of(metrics=fast + last), training=True)
  assert stands.speed == pytest.approx(150.0)
  assert stands.seconds_left == pytest.approx((100 - 40) * 8 / 150)


def test_no_time_is_left_to_a_run_that_does_not_train():
  run = run_of(metrics=[logged(40, images_per_second=120.0)])
  assert standing(run, training=False).seconds_left is None
  run.training = True
  assert standing(run).seconds_left == pytest.approx(4.0)  # 60 of 100 updates of 8 images


def test_no_time_is_less_than_none():
  assert standing(run_of(metrics=[logged(120)]), training=True).seconds_left == 0


@pytest.mark.parametrize(
  ("training", "ended", "kind"),
  [
    (True, None, "training"), (False, None, "stopped"), (False, "finished", "finished"),
    (False, "diverged", "diverged"), (True, "diverged", "diverged"),
  ],
)  # fmt: skip
def test_how_it_stands(training, ended, kind):
  run = run_of(ended=ended, training=training)
  assert standing(run).kind == kind
  # The lock is held for a while after the mark; who goes on takes the mark away first.
  assert standing(run, training=True).kind == (ended or "training")


@pytest.mark.parametrize("odd", [None, True, 0, -8, 8.5, "8", [8], 10**400])
@pytest.mark.parametrize("place", ["batch_size", "total_steps", "num_examples", "speed"])
def test_what_does_not_follow_from_odd_numbers_is_not_known(odd, place):
  run = run_of(metrics=[logged(40)])
  if place == "batch_size":
    run.config["batch_size"] = odd
  elif place == "speed":
    run.metrics = [logged(40, images_per_second=odd if odd != 8.5 else float("nan"))]
  elif place == "total_steps":
    run.run["total_steps"] = odd
  else:
    run.run["data"]["num_examples"] = odd
  stands = standing(run, training=True)
  assert stands.step == 40
  assert (stands.images is None) == (place == "batch_size")
  assert (stands.total is None) == (stands.share is None) == (place == "total_steps")
  assert (stands.epochs is None) == (place in ("batch_size", "num_examples"))
  assert (stands.speed is None) == (place == "speed")
  assert (stands.seconds_left is None) == (place != "num_examples")


def test_a_speed_that_would_last_for_ever_gives_no_time():
  run = run_of(metrics=[logged(40, images_per_second=5e-324)])
  assert standing(run, training=True).seconds_left is None
