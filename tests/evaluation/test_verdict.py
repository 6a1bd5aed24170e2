import numpy as np

from dcgan_jax.evaluation.floors import Floor
from dcgan_jax.evaluation.verdict import below_the_floor, closeness
from dcgan_jax.metrics.memorization import Memorization

# CK+48 as in FACTS.md, section 6: subject-disjoint halves, and a copier scored with 10,000 samples.
PEOPLE = Floor("subjects", 29.3, 490, 491, splits=3, low=28.7, high=29.7)
COPIER = Floor("copier", 0.2, 10_000, 981, splits=1, low=0.2, high=0.2)


def test_the_paper_s_score_on_ckplus_is_explained():
  # A copier at the floor's sizes draws 490 of the very images it is compared with.
  sentence = below_the_floor(0.5, 12.0, 490, PEOPLE, COPIER)
  assert sentence.startswith("Too good: 0.5 is below what photographs of other people score")
  assert "(490 against 491) it is 12.0 where they score 29.3" in sentence
  assert "not of quality" in sentence
  assert sentence.endswith("a plain copier of the training set scores 0.2.")


def test_a_score_that_only_its_many_samples_bring_below_the_floor_is_not_called_too_good():
  sentence = below_the_floor(20.0, 28.7, 490, PEOPLE, None)
  assert sentence.startswith("Below the floor for its larger numbers alone")
  assert "(490 against 491) it is 28.7, and photographs of other people score 29.3" in sentence
  assert "Too good" not in sentence


def test_the_luckiest_split_of_the_photographs_is_the_limit():
  assert "Too good" in below_the_floor(20.0, 28.69, 490, PEOPLE, None)


def test_without_a_copier_it_is_still_one_sentence():
  sentence = below_the_floor(0.5, 12.0, 490, PEOPLE, None)
  assert "copier" not in sentence
  assert sentence.endswith("not of quality.")


def test_random_halves_are_not_called_other_people():
  halves = Floor("disjoint", 9.6, 490, 491, splits=3, low=9.2, high=10.2)
  for matched in (3.0, 9.6):
    sentence = below_the_floor(0.5, matched, 490, halves, None)
    assert "other real photographs score" in sentence
    assert "people" not in sentence


def report(ratio):
  return Memorization(ratio, 0.75, 0.125, 0.5, 0.01, 3.0, 4.0, np.zeros((1, 2), np.int64))


def test_closeness_names_both_shares_and_what_is_neutral():
  sentence = closeness(report(0.75))
  assert sentence.startswith("75.0% of samples")
  assert "(neutral 50.0%), 12.5% as" in sentence
  assert sentence.endswith("(neutral 1.0%).")


def test_a_ratio_that_cannot_be_had_is_explained():
  assert closeness(report(None)).startswith("No ratio: most held-out images occur in the training")
