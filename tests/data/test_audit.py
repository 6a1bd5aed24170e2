from dcgan_jax.data import audit
from dcgan_jax.data.records import UNLABELLED, Record


def record(source, pixels, split="train", label=0, constant=False):
  return Record(source, label, split, "", None, 0, pixels, constant)


# Pixels p three times (train, train, validation), q twice with two labels, r once, s in two splits.
RECORDS = [
  record("p1", b"p"),
  record("v1", b"p", "validation"),
  record("p2", b"p"),
  record("q1", b"q", label=1),
  record("q2", b"q", label=2),
  record("r1", b"r", constant=True),
  record("t1", b"s", "test"),
  record("v2", b"s", "validation"),
]


def test_figures_of_a_small_set():
  found = audit.audit(RECORDS)
  assert found.images == 8
  assert found.redundant == 2 + 1 + 1
  assert [[r.source for r in group] for group in found.groups] == [
    ["p1", "v1", "p2"],
    ["q1", "q2"],
    ["t1", "v2"],
  ]
  assert found.cross_split_groups == 2
  # v1 is in train as well; of s the copy in test comes after that in validation.
  assert found.cross_split_images == {"validation": 1, "test": 1}
  assert found.conflicting_groups == 1
  assert [r.source for r in found.constant] == ["r1"]


def test_an_unlabelled_copy_contradicts_nobody():
  pair = [record("a", b"p", label=3), record("b", b"p", label=UNLABELLED)]
  assert audit.audit(pair).conflicting_groups == 0


def test_dropping_duplicates_keeps_the_first_of_the_earliest_split_in_place():
  kept = audit.without_duplicates(RECORDS)
  assert [r.source for r in kept] == ["p1", "q1", "r1", "v2"]
  assert audit.audit(kept).redundant == 0


def test_train_wins_even_when_it_comes_last():
  records = [record("v", b"p", "validation"), record("t", b"p", "train")]
  assert [r.source for r in audit.without_duplicates(records)] == ["t"]


def test_dropping_constants_leaves_the_rest():
  assert [r.source for r in audit.without_constant(RECORDS)] == [
    r.source for r in RECORDS if r.source != "r1"
  ]


def test_counts_name_every_class_and_only_splits_with_images():
  records = [record("a", b"1"), record("b", b"2", "test", label=1), record("c", b"3", label=-1)]
  assert audit.counts(records, ("x", "y")) == {
    "train": {"x": 1, "y": 0, "unlabelled": 1},
    "test": {"x": 0, "y": 1},
  }


def test_the_listing_names_every_copy():
  listing = audit.group_listing(audit.audit(RECORDS))
  assert listing[1] == {
    "across_splits": False,
    "conflicting_labels": True,
    "images": [
      {"split": "train", "label": 1, "source": "q1"},
      {"split": "train", "label": 2, "source": "q2"},
    ],
  }
