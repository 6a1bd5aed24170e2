import pytest
from hand_made import FLOORS, scored

from dcgan_jax.reporting.score_table import score_tables


def test_each_checkpoints_weights_have_a_table_the_newest_first():
  rows = [
    scored("swd16_train", 3.0, step=100),
    scored("swd16_train", 1.0, step=1200, subject={"step": 1200, "generator": "ema"}),
    scored("swd16_train", 2.0, step=1200),
  ]
  tables = score_tables(rows)
  assert [(table.title, table.step) for table in tables] == [
    ("Step 1,200, raw weights", 1200),
    ("Step 1,200, averaged weights", 1200),
    ("Step 100, raw weights", 100),
  ]
  assert [line.value for table in tables for line in table.lines] == ["2", "1", "3"]


def test_a_line_has_value_error_note_reading_and_floors():
  row = scored("fid16_train", 40.0, error=0.25, note="a note", details={"floors": FLOORS})
  ((line,),) = [table.lines for table in score_tables([row])]
  *rest, floors = line
  reading = "2.0 times what other real photographs score (20). Lower is better."
  assert rest == ["fid16_train", "40", "± 0.25", reading, "a note"]
  assert [floor[:28] for floor in floors] == [
    "20.0 (19 to 21): other image",
    "25.0: synthetic/test, 10 aga",
  ]


def test_what_could_not_be_had_keeps_its_note():
  ((line,),) = [
    table.lines for table in score_tables([scored("fid_infinity16_train", None, note="needs more")])
  ]
  assert (line.value, line.error, line.reading, line.note) == ("–", "", "", "needs more")


def test_of_a_score_taken_again_the_last_one_stays_and_other_seeds_beside_it():
  seeded = scored("swd16_train", 3.0, request={"metric": "swd", "seed": 7})
  rows = [scored("swd16_train", 1.0), scored("swd16_train", 2.0), seeded]
  (table,) = score_tables(rows)
  assert [(line.metric, line.value) for line in table.lines] == [
    ("swd16_train", "2"),
    ("swd16_train, seed 7", "3"),
  ]


def test_scores_of_a_folders_images_are_no_checkpoints():
  assert score_tables([scored("swd16", 1.0, subject={"images": "faces", "sha256": "0"})]) == []


@pytest.mark.parametrize(
  "floors",
  [5, "text", None, {"a": 1}, [5], [{}], [FLOORS[0] | {"kind": "mystery"}],
   [FLOORS[0] | {"fid": 10**400}], [FLOORS[0] | {"fid": "9"}], [FLOORS[0] | {"splits": None}],
   [FLOORS[0] | {"num": []}], [FLOORS[0] | {"low": 10**400}]],
)  # fmt: skip
def test_floors_that_no_job_wrote_are_left_out(floors):
  ((line,),) = [
    table.lines for table in score_tables([scored("fid16_train", 40.0, details={"floors": floors})])
  ]
  assert (line.value, line.floors) == ("40", [])
