import dataclasses

import numpy as np
import pytest

from dcgan_jax.evaluation import floors
from dcgan_jax.evaluation.floors import Floor, all_of, copier, disjoint, other_set
from dcgan_jax.evaluation.real_images import Faces
from dcgan_jax.metrics.frechet import fit_gaussian, frechet_distance


@dataclasses.dataclass
class Known:
  """What `floors` takes of a Reference, of features made by hand."""

  features: np.ndarray
  subjects: tuple[str, ...] = ()
  fingerprint: str = "abc"
  description: str = "faces/train"
  results: dict = dataclasses.field(default_factory=dict)
  computed: int = 0

  @property
  def num_images(self):
    return len(self.features)

  @property
  def gaussian(self):
    return fit_gaussian(self.features)

  @property
  def faces(self):
    return Faces(self.features, self.features[:, 0], self.subjects or ("",) * self.num_images, ())

  @property
  def subjects_hash(self):
    return "-".join(self.faces.subjects)

  def kept(self, name, compute):
    if name not in self.results:
      self.computed += 1
      self.results[name] = compute()
    return self.results[name]


def numbered(count, subjects=()):
  """Images whose features are [number, a constant]: what is scored can be told from it."""
  return Known(np.stack([np.arange(count), np.full(count, 7)], axis=1).astype(np.float32), subjects)


def normal(count, shift=0.0, fingerprint="abc", **options):
  rng = np.random.default_rng(len(fingerprint))
  features = rng.normal(size=(count, 4)) + shift
  return Known(features.astype(np.float32), fingerprint=fingerprint, **options)


@pytest.fixture
def sides(monkeypatch):
  """The numbers of the images whose Gaussians are fitted, in pairs: samples, reference."""
  seen = []

  def fit(features):
    seen.append(features[:, 0].astype(int).tolist())
    return fit_gaussian(features)

  monkeypatch.setattr(floors, "fit_gaussian", fit)
  return seen


def pairs(sides):
  return zip(sides[::2], sides[1::2], strict=True)


def test_disjoint_sides_share_no_image_and_hold_all(sides):
  floor = disjoint(numbered(101), num=30, by_subject=False)
  assert (floor.num, floor.against, floor.splits) == (30, 71, 3)
  for mine, others in pairs(sides):
    assert len(mine) == 30
    assert sorted(mine + others) == list(range(101))


def test_at_most_half_of_the_set_is_taken(sides):
  floor = disjoint(numbered(101), num=10_000, by_subject=False)
  assert (floor.num, floor.against) == (50, 51)
  assert [len(mine) for mine, _ in pairs(sides)] == [50] * 3


def test_a_set_is_split_differently_each_time(sides):
  disjoint(numbered(101), num=30, by_subject=False)
  assert len({tuple(mine) for mine, _ in pairs(sides)}) == 3


def test_sides_disjoint_by_subject_share_nobody_and_hold_all(sides):
  people = [f"S{i % 9}" for i in range(100)]
  floor = disjoint(numbered(100, tuple(people)), num=40, by_subject=True)
  assert floor.kind == "subjects"
  for mine, others in pairs(sides):
    assert sorted(mine + others) == list(range(100))
    assert not {people[i] for i in mine} & {people[i] for i in others}
    # People have 11 or 12 images: the one with whom 40 is reached adds at most 11 beyond it.
    assert 40 <= len(mine) <= 51


def test_the_sizes_told_are_the_mean_of_those_scored(sides):
  people = [f"S{i}" for i in range(14) for _ in range(i + 1)]
  floor = disjoint(numbered(105, tuple(people)), num=40, by_subject=True)
  sizes = [len(mine) for mine, _ in pairs(sides)]
  assert len(set(sizes)) > 1
  assert floor.num == round(sum(sizes) / 3)
  assert floor.against == 105 - floor.num


def test_other_people_for_the_same_images_have_a_floor_of_their_own():
  known = normal(60, subjects=tuple(f"S{i % 7}" for i in range(60)))
  first = disjoint(known, 20, by_subject=True)
  known.subjects = tuple(f"S{i // 9}" for i in range(60))
  assert disjoint(known, 20, by_subject=True) != first
  # Random halves do not ask who is shown.
  assert known.computed == 2
  mixed = disjoint(known, 20, by_subject=False)
  known.subjects = ()
  assert disjoint(known, 20, by_subject=False) == mixed
  assert known.computed == 3


def test_a_floor_is_the_mean_of_its_splits_and_their_range(sides):
  known = numbered(20)
  floor = disjoint(known, num=8, by_subject=False)
  scores = [
    frechet_distance(known.features[mine], known.features[others]) for mine, others in pairs(sides)
  ]
  assert floor.fid == pytest.approx(np.mean(scores))
  assert (floor.low, floor.high) == pytest.approx((min(scores), max(scores)))
  assert floor.low < floor.high


def test_many_images_are_split_once(sides):
  floor = disjoint(numbered(5000), num=2049, by_subject=False)
  assert (floor.splits, floor.low, floor.high) == (1, floor.fid, floor.fid)


def test_images_of_one_kind_have_a_low_floor():
  # Two samples of one Gaussian of 4 dimensions: the distance falls as 1/n, and is about d/n.
  floor = disjoint(normal(4000), num=2000, by_subject=False)
  assert 0 < floor.high < 0.02


def test_people_who_differ_have_a_higher_floor_than_random_halves():
  rng = np.random.default_rng(0)
  centres = np.repeat(rng.normal(size=(20, 4)), 30, axis=0)
  known = Known(centres + rng.normal(size=(600, 4)) / 10, tuple(f"S{i // 30}" for i in range(600)))
  apart, mixed = (disjoint(known, num=300, by_subject=flag) for flag in (True, False))
  assert apart.low > 5 * mixed.high


def test_the_same_set_gives_the_same_floor():
  assert disjoint(normal(50), 20, by_subject=False) == disjoint(normal(50), 20, by_subject=False)


@pytest.mark.parametrize(
  "subjects",
  [
    ("",) * 6,
    ("S1",) * 6,
    # Whichever is drawn first, one side is left with one image or none.
    ("S1", "S2", "S2", "S2", "S2", "S2"),
  ],
)
def test_without_people_on_both_sides_there_is_no_floor_by_subject(subjects):
  assert disjoint(numbered(6, subjects), num=3, by_subject=True) is None


@pytest.mark.parametrize(("images", "num"), [(3, 3), (2, 10), (10, 1), (1, 1)])
def test_too_few_images_have_no_floor(images, num):
  assert disjoint(numbered(images), num, by_subject=False) is None


def test_a_copier_s_score_goes_to_zero_with_the_number_of_copies():
  train = normal(200)
  few, many = (copier(train, num, train).fid for num in (100, 100_000))
  # Draws with replacement have the set's own Gaussian in the limit.
  assert few > 0.01
  assert many < 1e-3


def test_a_copier_is_told_by_its_draws_and_what_they_are_scored_against():
  train, test = normal(200), normal(50, fingerprint="other")
  floor = copier(test, 300, train)
  assert (floor.kind, floor.num, floor.against, floor.splits) == ("copier", 300, 50, 3)


def test_a_copier_scored_against_another_split_keeps_that_split_s_distance():
  train, test = normal(2000), normal(2000, shift=1.0, fingerprint="other")
  # Means differ by 1 in each of 4 features, covariances hardly: 4 and a little noise.
  assert copier(test, 50_000, train).fid == pytest.approx(4, rel=0.1)


def test_held_out_images_are_scored_whole():
  reference, other = normal(100), normal(60, shift=1.0, fingerprint="other")
  floor = other_set(reference, other)
  assert floor.fid == pytest.approx(frechet_distance(other.features, reference.features))
  assert (floor.kind, floor.num, floor.against, floor.splits) == ("held out", 60, 100, 1)


def test_against_the_test_split_the_training_set_is_what_is_held_out():
  train = normal(100, fingerprint="train", description="faces/train")
  test = normal(60, fingerprint="test", description="faces/test")
  found = {floor.kind: floor for floor in all_of(test, 20, train, test)}
  assert list(found) == ["disjoint", "copier", "held out"]
  assert (found["held out"].num, found["held out"].against) == (100, 60)
  assert found["held out"].fid == pytest.approx(frechet_distance(train.features, test.features))


def test_against_any_other_set_both_splits_are_held_out():
  train = normal(100, fingerprint="train", description="faces/train")
  test = normal(60, fingerprint="test", description="faces/test")
  *_, first, second = all_of(normal(80, fingerprint="folder"), 20, train, test)
  assert (first.kind, first.other, first.num) == ("held out", "faces/train", 100)
  assert (second.kind, second.other, second.num) == ("held out", "faces/test", 60)
  # One split in both places is one.
  alone = all_of(normal(80, fingerprint="folder"), 20, train, train)
  assert [floor.kind for floor in alone] == ["disjoint", "copier", "held out"]


def test_floors_name_the_other_set_as_it_is_called_today():
  reference, other = normal(60), normal(40, fingerprint="other", description="faces/test")
  for name in ("faces/test", "renamed/test"):
    other.description = name
    floors_now = {floor.kind: floor.other for floor in all_of(reference, 20, reference, other)}
    assert floors_now == {"disjoint": "", "copier": "faces/train", "held out": name}


def test_floors_kept_before_they_named_the_other_set_are_read():
  reference, other = normal(60), normal(40, fingerprint="other", description="faces/test")
  expected = all_of(reference, 20, reference, other)
  for result in reference.results.values():
    del result["other"]
  assert all_of(reference, 20, reference, other) == expected
  assert reference.computed == 3


def test_a_reference_of_one_image_has_no_floor():
  one = normal(1)
  assert all_of(one, 20, one, normal(40, fingerprint="other")) == []
  assert all_of(one, 20, normal(40, fingerprint="train"), None) == []


def test_kept_floors_are_not_computed_again():
  reference = normal(60, subjects=tuple(f"S{i % 7}" for i in range(60)))
  other = normal(40, fingerprint="other")
  first = all_of(reference, 20, reference, other)
  assert [floor.kind for floor in first] == ["subjects", "disjoint", "copier", "held out"]
  assert reference.computed == 4
  assert all_of(reference, 20, reference, other) == first
  assert reference.computed == 4


def test_another_number_of_samples_has_floors_of_its_own():
  reference = normal(60)
  assert all_of(reference, 20, reference, None) != all_of(reference, 25, reference, None)
  assert reference.computed == 4


def test_beyond_half_of_the_set_the_floor_stays_and_the_copier_goes_on():
  reference = normal(60)
  (real, copies), (again, more) = (all_of(reference, num, reference, None) for num in (30, 500))
  assert real == again
  assert copies.num == 30
  assert more.num == 500


def test_only_what_is_known_has_floors():
  reference = normal(60)
  kinds = [floor.kind for floor in all_of(reference, 20, train=None, held_out=None)]
  assert kinds == ["disjoint"]
  # The same images under another name are no other split.
  assert [floor.kind for floor in all_of(reference, 20, None, normal(60))] == ["disjoint"]


def test_one_sample_or_one_held_out_image_has_no_floor():
  one = normal(1, fingerprint="other")
  assert [floor.kind for floor in all_of(normal(60), 1, normal(60), one)] == []


def test_floors_survive_json():
  import json

  reference = normal(60)
  for floor in all_of(reference, 20, reference, None):
    assert Floor(**json.loads(json.dumps(dataclasses.asdict(floor)))) == floor


def test_a_perfect_model_meets_the_floor_at_the_floors_sizes():
  rng = np.random.default_rng(0)
  reference = Known(rng.normal(size=(200, 64)))
  fresh = rng.normal(size=(5000, 64))
  floor = disjoint(reference, num=5000, by_subject=False)
  # Against the whole set it is far below: less of the bias of small sets, which is no merit.
  assert frechet_distance(fresh, reference.features) < 0.7 * floor.low
  matched, num = floors.at_its_sizes(fresh, reference, 5000, floor)
  assert num == 100
  # Both are the distance of 100 fresh rows from 100 of the same Gaussian. One such distance
  # scatters by a few per cent (64 dimensions), their means over three splits by less.
  assert matched == pytest.approx(floor.fid, rel=0.1)


def test_a_copier_stays_below_the_floor_at_the_floors_sizes():
  reference = Known(np.random.default_rng(0).normal(size=(200, 64)))
  floor = disjoint(reference, num=200, by_subject=False)
  # Half of the 100 first copies are among the 100 images they are compared with.
  matched, _ = floors.at_its_sizes(reference.features, reference, 200, floor)
  assert matched < 0.9 * floor.low


def test_people_of_more_images_than_there_are_samples_are_told_by_the_number(sides):
  # Of four people with 25 images each one is drawn, for the 10 samples that there are.
  reference = numbered(100, tuple(f"S{i // 25}" for i in range(100)))
  floor = disjoint(reference, num=10, by_subject=True)
  assert (floor.num, floor.against) == (25, 75)
  sides.clear()
  _, num = floors.at_its_sizes(numbered(10).features, reference, 10, floor)
  assert num == 10
  for mine, others in pairs(sides):
    assert mine == list(range(10))
    assert len(others) == 75


def test_people_of_different_numbers_of_images_take_as_many_samples_each_time(sides):
  people = tuple(f"S{i}" for i in range(14) for _ in range(i + 1))
  reference = numbered(105, people)
  floor = disjoint(reference, num=50, by_subject=True)
  sizes = [len(mine) for mine, _ in pairs(sides)]
  sides.clear()
  # Here are enough samples for all of them.
  _, num = floors.at_its_sizes(numbered(105).features, reference, 50, floor)
  assert num == floor.num
  assert [len(mine) for mine, _ in pairs(sides)] == sizes
