import pathlib

import pytest
from hand_made import FLOORS, config_of, logged, scored

from dcgan_jax.reporting.chart import Level
from dcgan_jax.reporting.curves import score_charts, training_charts, value_of
from dcgan_jax.reporting.run_files import RunFiles


def run_of(name="a", **files):
  return RunFiles(pathlib.Path(name), name, config=config_of(), **files)


def shown(charts):
  """{title: {label: points}}."""
  return {chart.title: {one.label: one.points for one in chart.drawn} for chart in charts}


def test_the_scalars_of_a_run_are_lines_against_its_steps():
  run = run_of(metrics=[logged(4), logged(8, discriminator_loss=0.25, accuracy_real=1.0)])
  assert shown(training_charts([run])) == {
    "Loss": {"discriminator": [(4, 0.5), (8, 0.25)], "generator": [(4, 2.0), (8, 2.0)]},
    "Discriminator right, share of images": {
      "on real": [(4, 0.75), (8, 1.0)], "on generated": [(4, 0.875), (8, 0.875)],
    },
    "Gradient norm": {"discriminator": [(4, 1.5), (8, 1.5)], "generator": [(4, 0.25), (8, 0.25)]},
    "Speed, images/s": {"images/s": [(4, 200.0), (8, 200.0)]},
  }  # fmt: skip
  assert {chart.x_label for chart in training_charts([run])} == {"step"}


def test_what_a_run_has_in_addition_is_drawn_and_what_no_run_has_is_not():
  rows = [{"step": 4, "penalty": 0.5, "class_accuracy_fake": 0.25, "mystery": 1.0}]
  assert list(shown(training_charts([run_of(metrics=rows)]))) == [
    "Class right, share of images", "Gradient penalty",
  ]  # fmt: skip
  assert training_charts([run_of()]) == []


def test_of_several_runs_each_scalar_is_a_chart_with_a_line_for_each():
  runs = [run_of("a", metrics=[{"step": 4, "generator_loss": 1.0, "images_per_second": 9.0}]),
          run_of("b", metrics=[{"step": 8, "generator_loss": 2.0}]), run_of("c")]  # fmt: skip
  assert shown(training_charts(runs)) == {
    "Loss: generator": {"a": [(4, 1.0)], "b": [(8, 2.0)]},
    "Speed, images/s": {"a": [(4, 9.0)]},
  }


def test_fid_stands_against_the_images_seen():
  # The small config's batch is 8: 6 and 9 steps are 48 and 72 images.
  run = run_of(scores=[scored("fid16_train", 40.0, 9), scored("fid16_train", 80.0, 6)])
  (chart,) = score_charts([run])
  assert shown([chart]) == {"FID": {"fid16_train, raw": [(48, 80.0), (72, 40.0)]}}
  assert chart.x_label == "images seen"


@pytest.mark.parametrize("batch", [None, True, 0, -8, 8.0, "8", 10**400])
def test_where_the_batch_is_not_known_it_stands_against_the_steps(batch):
  known, unknown = (run_of(name, scores=[scored("fid16_train", 40.0)]) for name in "ab")
  unknown.config["batch_size"] = batch
  for runs in ([unknown], [known, unknown]):
    (chart,) = score_charts(runs)
    assert chart.x_label == "step"
    assert [one.points for one in chart.drawn] == [[(9, 40.0)]] * len(runs)


def test_each_protocol_has_its_line_and_no_other_metric_is_among_them():
  rows = [
    scored("fid16_train", 40.0), scored("fid16_test", 50.0), scored("kid16_train", 0.5),
    scored("fid_infinity16_train", 30.0), scored("swd16_train", 1.0), scored("fid16_train", None),
    scored("fid16_train/happy", 9.0, request={"metric": "per_class"}),
    scored("fid16_train", 45.0, subject={"step": 9, "generator": "ema"}),
    scored("fid16_train", 45.0, subject={"images": "faces", "sha256": "0"}),
  ]  # fmt: skip
  assert shown(score_charts([run_of(scores=rows)])) == {
    "FID": {
      "fid16_train, raw": [(72, 40.0)], "fid16_test, raw": [(72, 50.0)],
      "fid16_train, ema": [(72, 45.0)],
    },
    "KID": {"kid16_train, raw": [(72, 0.5)]},
  }  # fmt: skip


def test_of_a_score_taken_again_the_last_one_is_drawn():
  run = run_of(scores=[scored("kid16_train", 0.5), scored("kid16_train", 0.25)])
  assert shown(score_charts([run])) == {"KID": {"kid16_train, raw": [(72, 0.25)]}}


def test_a_kid_below_zero_is_not_cut_off():
  rows = [scored("kid16_train", -0.001), scored("kid16_train", 0.002, step=6)]
  assert [chart.limits for chart in score_charts([run_of(scores=rows)])] == [(-0.001, None)]
  assert [chart.limits for chart in score_charts([run_of(scores=rows[1:])])] == [(0, None)]


def test_the_floors_of_the_newest_fid_that_has_any_are_levels_of_its_chart_alone():
  subjects = {"kind": "subjects", "fid": 7.0}
  floors = [subjects, {"kind": "copier", "fid": 2.0}, "damaged", {"kind": "disjoint"}]
  rows = [
    scored("fid16_train", 40.0, details={"floors": FLOORS}),
    scored("fid16_train", 39.0, details={"floors": floors}),
    scored("kid16_train", 0.5, details={"floors": FLOORS}),
    scored("fid16_train", 38.0, details={"floors": []}),
  ]
  fid, kid = score_charts([run_of(scores=rows)])
  assert fid.levels == [Level("other people's photographs", 7.0), Level("a copier", 2.0)]
  assert kid.levels == []
  (fid,) = score_charts([run_of(scores=rows[:1])])
  assert fid.levels == [Level("other photographs", 20.0), Level("synthetic/test", 25.0)]


def test_several_runs_have_the_floors_that_they_share():
  def run_with(floors):
    return run_of(scores=[scored("fid16_train", 40.0, details={"floors": floors})])

  bare = run_of(scores=[scored("fid16_train", 40.0)])
  (same,) = score_charts([run_with(FLOORS), bare, run_with(FLOORS)])
  assert len(same.levels) == 2
  (other,) = score_charts([run_with(FLOORS), run_with(FLOORS[:1])])
  assert other.levels == []


@pytest.mark.parametrize(
  ("value", "expected"),
  [
    (2, 2.0), (-0.5, -0.5), (None, None), (True, None), ("2", None), (float("nan"), None),
    (float("inf"), None), (10**400, None), (-1e308, None), ([2], None),
  ],
)  # fmt: skip
def test_a_value_is_a_number_that_a_run_writes(value, expected):
  assert value_of({"a": value}, "a") == expected
  assert value_of({}, "a") is None
