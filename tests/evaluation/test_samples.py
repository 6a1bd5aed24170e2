import jax
import numpy as np
import pytest
from fake_extractor import FakeExtractor
from untrained_run import write_checkpoints

from dcgan_jax.checkpoints import CheckpointError
from dcgan_jax.errors import UserError
from dcgan_jax.evaluation.samples import Samples, draw, from_folder
from dcgan_jax.figures import save_png
from dcgan_jax.sample import sample
from dcgan_jax.trained import load_generator

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 5, 4, 1), dtype=np.uint8)


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
  workdir = tmp_path_factory.mktemp("run")
  write_checkpoints(workdir, [4])
  return workdir


@pytest.fixture(scope="module")
def generator(workdir):
  return load_generator(workdir, None, ema=False)


def samples_of(images=IMAGES, extractor=None):
  labels = np.arange(len(images), dtype=np.int32)
  return Samples("a model", images, labels, tuple("abcdef"), extractor)


@pytest.mark.parametrize(("seed", "ema"), [(0, False), (3, False), (3, True)])
def test_what_is_scored_is_what_the_sampler_writes(workdir, tmp_path, seed, ema):
  out = tmp_path / "faces.npz"
  flags = ["--ema"] if ema else []
  sample(
    [f"--workdir={workdir}", f"--out={out}", "--format=npz", "--num=70", f"--seed={seed}", *flags]
  )
  drawn = draw(load_generator(workdir, None, ema), 70, seed, None, "")
  np.testing.assert_array_equal(drawn.images, np.load(out)["images"])


def test_drawn_samples_belong_to_no_class(generator):
  drawn = draw(generator, 3, 0, None, "a run, step 4")
  assert drawn.description == "a run, step 4"
  assert drawn.labels.tolist() == [-1, -1, -1]
  assert drawn.class_names == ()
  assert len(drawn) == 3


def test_fewer_samples_are_the_first_of_more(generator):
  many, few = (draw(generator, num, 0, None, "") for num in (70, 5))
  np.testing.assert_array_equal(many.first(5).images, few.images)


def test_a_diverged_generator_has_no_samples(generator):
  weights = jax.tree.map(lambda leaf: np.full_like(leaf, np.nan), generator.weights)
  with pytest.raises(CheckpointError, match=r"a run, step 4: .* is not finite"):
    draw(generator._replace(weights=weights), 3, 0, None, "a run, step 4")


def test_features_are_computed_at_the_first_use_only():
  extractor = FakeExtractor()
  samples = samples_of(extractor=extractor)
  assert extractor.images_seen == 0
  (expected,) = FakeExtractor().batches([IMAGES])
  np.testing.assert_array_equal(samples.features, expected)
  np.testing.assert_array_equal(samples.features, expected)
  assert extractor.images_seen == 6


def test_without_weights_there_are_pixels_and_no_features():
  samples = samples_of()
  np.testing.assert_array_equal(samples.vectors("pixels"), IMAGES.reshape(6, 20))
  with pytest.raises(ValueError, match="no Inception weights"):
    _ = samples.features


def test_the_first_few_share_features_that_are_there():
  extractor = FakeExtractor()
  samples = samples_of(extractor=extractor)
  features = samples.features
  first = samples.first(2)
  np.testing.assert_array_equal(first.vectors("inception"), features[:2])
  assert first.labels.tolist() == [0, 1]
  assert first.class_names == samples.class_names
  assert extractor.images_seen == 6


def test_features_asked_for_of_a_part_first_serve_the_whole_too():
  extractor = FakeExtractor()
  samples = samples_of(extractor=extractor)
  part = samples.first(2).features
  np.testing.assert_array_equal(part, samples.features[:2])
  np.testing.assert_array_equal(part, samples.first(4).first(2).features)
  assert extractor.images_seen == 6


def test_asking_for_as_many_as_there_are_gives_the_same():
  samples = samples_of()
  assert samples.first(6) is samples
  assert samples.first(7) is samples


def test_the_first_few_alone_leave_the_others_features_uncomputed():
  extractor = FakeExtractor()
  alone = samples_of(extractor=extractor).alone(4)
  (expected,) = FakeExtractor().batches([IMAGES[:4]])
  np.testing.assert_array_equal(alone.features, expected)
  assert alone.labels.tolist() == [0, 1, 2, 3]
  assert extractor.images_seen == 4


def shaded(first, count):
  """Images that tell their number by their brightness."""
  return [np.full((5, 4, 1), shade, np.uint8) for shade in range(first, first + count)]


@pytest.fixture
def of_two_classes(tmp_path):
  """A folder with 40 images of either class, those of cats brighter than 99."""
  for name, first in (("cat", 100), ("dog", 0)):
    for image in shaded(first, 40):
      save_png(tmp_path / "faces" / name / f"{image[0, 0, 0]:03d}.png", image)
  return tmp_path / "faces"


def test_a_folder_s_samples_are_its_images_each_with_its_class(of_two_classes):
  samples = from_folder(of_two_classes, None, None)
  assert samples.class_names == ("cat", "dog")
  assert samples.description == str(of_two_classes)
  shades = samples.images[:, 0, 0, 0]
  assert sorted(shades) == [*range(40), *range(100, 140)]
  np.testing.assert_array_equal(samples.labels, np.where(shades > 99, 0, 1))


def test_any_first_few_of_a_folder_are_of_all_classes(of_two_classes, tmp_path):
  # Half of the 80 at random: cats among them deviate from 20 by √(40·¼·40/79) = 2.25; four of that.
  cats = np.sum(from_folder(of_two_classes, None, None).labels[:40] == 0)
  assert abs(cats - 20) <= 9
  # As are those of the same images in one file, shuffled before.
  mixed = np.random.default_rng(1).permutation(np.stack([*shaded(0, 40), *shaded(100, 40)]))
  np.savez(tmp_path / "mixed.npz", images=mixed)
  bright = from_folder(tmp_path / "mixed.npz", None, None).images[:40, 0, 0, 0] > 99
  assert abs(np.sum(bright) - 20) <= 9


def test_a_folder_has_the_same_order_every_time(of_two_classes):
  first, again = (from_folder(of_two_classes, None, None) for _ in range(2))
  np.testing.assert_array_equal(first.images, again.images)


def test_a_changed_folder_has_another_fingerprint(tmp_path):
  save_png(tmp_path / "a.png", IMAGES[0])
  before = from_folder(tmp_path, None, None).fingerprint
  assert from_folder(tmp_path, None, None).fingerprint == before
  save_png(tmp_path / "a.png", IMAGES[1])
  assert from_folder(tmp_path, None, None).fingerprint != before


def test_a_folder_of_another_size_is_refused(tmp_path):
  save_png(tmp_path / "a.png", IMAGES[0])
  with pytest.raises(UserError, match=r"a\.png"):
    from_folder(tmp_path, (48, 48, 1), None)
