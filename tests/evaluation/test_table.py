from dataclasses import asdict

import pytest

from dcgan_jax.evaluation.floors import Floor
from dcgan_jax.evaluation.protocol import Score
from dcgan_jax.evaluation.table import floor_table, table

PEOPLE = Floor("subjects", 29.3, 490, 491, splits=3, low=28.7, high=29.7)
COPIER = Floor("copier", 0.2, 10_000, 981, splits=1, low=0.2, high=0.2)


def lines_of(*scores):
  return table([asdict(score) for score in scores]).splitlines()


def test_columns_are_aligned_and_a_refusal_has_a_dash():
  lines = lines_of(
    Score("fid981_train", 96.04, 981, note="far"),
    Score("kid981_train", 0.0123, 981, 0.00125, "100 subsets of 490"),
    Score("is981", None, 981, note="needs 10 samples"),
  )
  assert lines == [
    "  fid981_train    96.0             far",
    "  kid981_train  0.0123  ± 0.00125  100 subsets of 490",
    "  is981              -             needs 10 samples",
  ]


def test_a_score_without_a_note_has_one_short_line():
  assert lines_of(Score("swd2k_train", 1.5, 2048)) == ["  swd2k_train  1.5"]


def test_a_long_note_is_wrapped_under_itself():
  note = " ".join(f"word{i:02d}" for i in range(20))
  lines = lines_of(Score("fid9", 0.5, 9, note=note))
  # 66 characters hold nine words of six with a space between: 62.
  assert [len(line.split()) for line in lines] == [2 + 9, 9, 2]
  starts = [line.index("word") for line in lines]
  assert len(set(starts)) == 1


def test_a_fid_stands_beside_its_floors():
  floors = {"floors": [asdict(PEOPLE), asdict(COPIER)]}
  first, second, third = lines_of(Score("fid10k_train", 0.5, 10_000, note="Hm.", details=floors))
  assert first.startswith("  fid10k_train  0.5")
  assert first.endswith("29.3 (28.7 to 29.7): other people's photographs, 490 against 491 images")
  assert second.endswith("0.2: a copier of the training set, 10,000 against 981 images")
  assert third.strip() == "Hm."


def test_floors_may_be_printed_alone():
  lines = floor_table([asdict(PEOPLE), asdict(COPIER)]).splitlines()
  assert [line.split(":")[0].strip() for line in lines] == ["29.3 (28.7 to 29.7)", "0.2"]


def test_every_kind_of_floor_has_words():
  for kind in ("subjects", "disjoint", "copier", "held out"):
    assert floor_table([asdict(Floor(kind, 1.0, 2, 2, 1, 1.0, 1.0))])


@pytest.mark.parametrize(
  ("num", "against", "words"),
  [
    (490, 490, "random halves"),
    (490, 491, "random halves"),
    (490, 492, "other images of the set"),
    (10_000, 18_709, "other images of the set"),
  ],
)
def test_halves_are_called_so_where_they_are(num, against, words):
  floor = Floor("disjoint", 4.2, num, against, splits=1, low=4.2, high=4.2)
  assert floor_table([asdict(floor)]) == f"     4.2: {words}, {num:,} against {against:,} images"


def test_nothing_is_an_empty_table():
  assert table([]) == ""
