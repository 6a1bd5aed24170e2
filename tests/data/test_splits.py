import hashlib

import pytest

from dcgan_jax.data import splits
from dcgan_jax.data.records import Record
from dcgan_jax.errors import UserError


def records(subjects):
  return [Record(f"{s}.png", 0, "validation", s, None, i, b"", False) for i, s in subjects]


def test_a_fifth_of_the_subjects_is_test_and_nobody_is_on_both_sides():
  subjects = [(i, f"S{i % 10:03}") for i in range(40)]
  placed = splits.by_subject(records(subjects))
  sides = {split: {r.subject for r in placed if r.split == split} for split in ("train", "test")}
  assert len(sides["test"]) == 2
  assert len(sides["train"]) == 8
  assert not sides["train"] & sides["test"]
  assert [r.source for r in placed] == [f"{s}.png" for _, s in subjects]


def test_the_choice_is_that_of_the_smallest_hashes():
  names = [f"S{i:03}" for i in range(5)]
  placed = splits.by_subject(records(enumerate(names)))
  smallest = min(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
  assert [r.subject for r in placed if r.split == "test"] == [smallest]


def test_an_unknown_subject_is_refused():
  with pytest.raises(UserError, match=r"no subject is known for .*\.png"):
    splits.by_subject(records([(0, "S001"), (1, "")]))


def test_one_subject_cannot_be_split():
  with pytest.raises(UserError, match="needs two subjects or more; there is only S001"):
    splits.by_subject(records([(0, "S001"), (1, "S001")]))


def test_all_train_moves_everything():
  assert {r.split for r in splits.all_train(records([(0, "a"), (1, "b")]))} == {"train"}
