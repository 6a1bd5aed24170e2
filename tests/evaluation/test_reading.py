import math

import pytest

from dcgan_jax.evaluation.reading import reading


def told(metric, value, **details):
  return reading({"metric": metric, "value": value, "details": details})


def floor(kind, fid):
  return {"kind": kind, "fid": fid}


def test_an_fid_is_told_in_multiples_of_what_real_photographs_score():
  # 84 / 8.4 = 10.
  floors = [floor("disjoint", 8.4), floor("copier", 1.0)]
  expected = "10.0 times what other real photographs score (8.4). Lower is better."
  assert told("fid10k_train", 84.0, floors=floors) == expected
  assert told("fid_pytorch10k_train", 84.0, floors=floors) == expected


@pytest.mark.parametrize(
  ("kind", "whose"),
  [
    ("subjects", "photographs of other people"),
    ("disjoint", "other real photographs"),
    ("held out", "real photographs that were held out"),
  ],
)
def test_the_first_floor_of_real_photographs_is_taken(kind, whose):
  floors = [floor("copier", 1.0), floor(kind, 2.0), floor("disjoint", 3.0)]
  assert told("fid10k_train", 5.0, floors=floors).startswith(f"2.5 times what {whose} score (2).")


def test_an_fid_below_its_floor_is_not_praised():
  text = told("fid981_train", 4.0, floors=[floor("disjoint", 8.0)])
  assert text == (
    "Below what other real photographs score (8), which quality alone does not explain."
  )


@pytest.mark.parametrize("floors", [None, 5, [], [floor("copier", 1.0)], [floor("disjoint", 0.0)]])
def test_an_fid_without_a_floor_says_that_it_has_none(floors):
  unknown = "Lower is better; what real photographs would score is not known here."
  assert told("fid10k_train", 5.0, floors=floors) == unknown
  assert told("fid10k_train", 5.0) == unknown


@pytest.mark.parametrize(
  ("metric", "value", "begins"),
  [
    ("fid_infinity10k_train", 9.0, "FID as it would be with endless samples"),
    ("kid10k_train", 0.01, "Lower is better; 0 where"),
    ("is10k", 2.5, "Higher is better, from 1."),
    ("precision10k_train", 0.756, "76% of the samples look like some photograph"),
    ("recall10k_train", 0.25, "25% of the photographs have samples like them"),
    ("density10k_train", 0.9, "As precision"),
    ("coverage10k_train", 0.5, "50% of the photographs have a sample among their neighbours"),
    ("swd10k_train", 3.0, "Differences in texture"),
    ("expression_accuracy10k", 0.625, "A classifier of real faces sees what was asked for in 62%"),
    ("expression_balanced10k", 0.5, "The same, each expression counting alike: 50%."),
    ("cas10k_test", 0.4, "A classifier that has seen nothing but samples is right on 40%"),
    ("memorization_pixels10k_train", 0.49, "Copies: samples lie 0.49 times as far"),
    ("memorization_inception10k_train", 0.5, "Closer than they should be: samples lie 0.50 times"),
    ("memorization_inception10k_train", 0.84, "Closer than they should be"),
    ("memorization_inception10k_train", 0.85, "No sign of copying: samples lie 0.85 times"),
    ("memorization_inception10k_train", 1.2, "No sign of copying"),
  ],
)
def test_every_metric_has_its_sentence(metric, value, begins):
  assert told(metric, value).startswith(begins)
  assert told(metric, None) == ""


def test_a_third_of_copies_is_told_where_the_median_shows_nothing():
  metric = "memorization_pixels10k_train"
  few = told(metric, 0.95, share_copies=0.015, neutral_copies=0.01)
  as_many_as_fresh = told(metric, 0.95, share_copies=0.08, neutral_copies=0.078)
  assert few.startswith("No sign of copying")
  assert as_many_as_fresh.startswith("No sign of copying")
  many = told(metric, 0.95, share_copies=0.3, neutral_copies=0.01)
  assert many.startswith("Some may be copies: 30% of the samples lie as close")


@pytest.mark.parametrize("metric", ["fid10k_train/happy", "mystery", "", "per_class"])
def test_of_other_names_nothing_is_said(metric):
  assert told(metric, 1.0) == ""


@pytest.mark.parametrize("value", [True, "1", [], math.nan, math.inf, -math.inf, 10**400])
def test_what_is_no_number_says_nothing(value):
  assert told("precision10k_train", value) == ""


@pytest.mark.parametrize(
  "damaged", ["text", 5, {}, floor([], 1.0), floor("disjoint", "8"), floor("disjoint", None),
              floor("disjoint", 10**400)],
)  # fmt: skip
def test_floors_that_no_job_wrote_say_nothing(damaged):
  assert told("fid10k_train", 1e3, floors=[damaged]) == ""
