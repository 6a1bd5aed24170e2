"""Images to scores against torch-fidelity and pytorch-fid, under the same weights.

Under random weights everywhere; under the real ones, and on real faces, where both are at hand:
`python -m dcgan_jax.metrics.weights` fetches the former.
"""

import importlib
import io
import pathlib
import tarfile

import numpy as np
import pytest
from PIL import Image

from . import reference_inception as reference
from .torch_only import require_torch_fidelity

torch_fidelity = require_torch_fidelity()
pytest.importorskip("pytorch_fid", reason="pytorch-fid is not installed (extra 'peers')")

import torch

from dcgan_jax.metrics.convention import Resize
from dcgan_jax.metrics.features import Extractor
from dcgan_jax.metrics.frechet import frechet_distance
from dcgan_jax.metrics.inception_score import inception_score
from dcgan_jax.metrics.kernel import kernel_distance
from dcgan_jax.metrics.prdc import prdc
from dcgan_jax.metrics.weights import find_weights, load_weights

pytestmark = pytest.mark.slow

FER = pathlib.Path(__file__).parents[3] / "shared" / "data" / "fer2013.tar.gz"
SEED = 2020  # torch-fidelity's default
COUNT = 500  # of faces from either split
# Its data loader would fork this process, which has jax's threads, unless it saves memory.
QUIETLY = {"cuda": False, "cache": False, "verbose": False, "save_cpu_ram": True}


def assert_same_features(ours, theirs):
  """Mean difference below 1e-5 of how much an average feature differs between images."""
  assert ours.shape == theirs.shape
  spread = theirs.std(axis=0).mean()
  assert spread > 0.01 * theirs.mean()
  assert np.abs(ours - theirs).mean() < 1e-5 * spread


def saved(state, path):
  torch.save(state, path)
  return path


def write_pngs(images, folder):
  """Gray PNGs, named in order."""
  folder.mkdir()
  for i, image in enumerate(images):
    Image.fromarray(image[:, :, 0]).save(folder / f"{i:05}.png")
  return str(folder)


# Random weights.


@pytest.fixture(scope="module")
def mosaics():
  """Thirty-two colour images, uint8 48×48, of coarse to fine squares: random weights see these as
  different, where they would take noise for noise.
  """
  rng = np.random.default_rng(0)
  images = []
  for squares in [1, 2, 3, 6, 12, 24, 48, 4] * 4:
    low, high = np.sort(rng.integers(0, 256, 2))
    mosaic = rng.integers(low, high + 1, (squares, squares, 3), dtype=np.uint8)
    images.append(mosaic.repeat(48 // squares, axis=0).repeat(48 // squares, axis=1))
  return np.array(images)


@pytest.fixture(scope="module")
def random_path(tmp_path_factory):
  return saved(reference.random_state(), tmp_path_factory.mktemp("random") / "weights.pth")


@pytest.fixture(scope="module")
def random_extractor(random_path):
  return Extractor(reference.our_tensors(random_path))


@pytest.fixture(scope="module")
def random_features(random_extractor, mosaics):
  return random_extractor.features(mosaics)


def test_features_agree_with_torch_fidelity_under_random_weights(
  random_path, random_features, mosaics
):
  theirs = reference.torch_fidelity_features(random_path)(mosaics)
  assert_same_features(random_features, theirs)


def test_the_inception_score_agrees_with_torch_fidelity_under_random_weights(
  random_path, random_extractor, random_features, mosaics
):
  class Images(torch.utils.data.Dataset):
    def __len__(self):
      return len(mosaics)

    def __getitem__(self, i):
      return reference.torch_images(mosaics[i : i + 1])[0]

  expected = torch_fidelity.calculate_metrics(
    input1=Images(),
    isc=True,
    isc_splits=2,
    feature_extractor_weights_path=str(random_path),
    **QUIETLY,
  )
  logits = random_extractor.logits(random_features)
  result = inception_score(logits, rng=np.random.RandomState(SEED), splits=2)
  assert result.mean > 1.1  # 1 would mean that all images look alike
  assert result.mean == pytest.approx(expected["inception_score_mean"], rel=1e-5)
  assert result.std == pytest.approx(expected["inception_score_std"], rel=1e-4)


# The real weights on real faces.


@pytest.fixture(scope="module")
def real_tensors():
  if find_weights(None) is None:
    pytest.skip("the Inception weights are not here: python -m dcgan_jax.metrics.weights")
  return load_weights(None)


@pytest.fixture(scope="module")
def real_path(real_tensors, tmp_path_factory):
  return saved(reference.state_of(real_tensors), tmp_path_factory.mktemp("real") / "weights.pth")


def every(step, files):
  """Every step-th image of an archive's [(name, bytes)], as uint8 [COUNT, 48, 48, 1]."""
  images = [np.asarray(Image.open(io.BytesIO(data))) for _, data in sorted(files)[::step]]
  return np.array(images[:COUNT])[..., None]


@pytest.fixture(scope="module")
def faces():
  """FER-2013's photographs of all expressions: for training, and held out."""
  if not FER.exists():
    pytest.skip(f"{FER} is not here")
  files = {"train": [], "validation": []}
  with tarfile.open(FER) as archive:
    for member in archive:
      if member.isfile():
        split = pathlib.PurePath(member.name).parts[1]
        files[split].append((member.name, archive.extractfile(member).read()))
  return every(57, files["train"]), every(7, files["validation"])


@pytest.fixture(scope="module")
def features(real_tensors, faces):
  """Ours of both, under TensorFlow's resize."""
  extractor = Extractor(real_tensors)
  return [extractor.features(images) for images in faces]


def test_features_of_faces_agree_with_torch_fidelity(real_path, faces, features):
  theirs = reference.torch_fidelity_features(real_path)(faces[0][:32])
  assert_same_features(features[0][:32], theirs)


def test_the_scores_of_faces_agree_with_torch_fidelity(real_path, faces, features, tmp_path):
  train, test = faces
  expected = torch_fidelity.calculate_metrics(
    input1=write_pngs(train, tmp_path / "train"),
    input2=write_pngs(test, tmp_path / "test"),
    fid=True,
    kid=True,
    kid_subset_size=COUNT // 2,
    prc=True,
    feature_extractor="inception-v3-compat",
    feature_extractor_weights_path=str(real_path),
    **QUIETLY,
  )
  fid = frechet_distance(*features)
  kid = kernel_distance(*features, rng=np.random.RandomState(SEED), subset_size=COUNT // 2)
  # Their first input is what they call generated.
  neighbourhoods = prdc(fake=features[0], real=features[1])
  assert fid == pytest.approx(expected["frechet_inception_distance"], rel=1e-4)
  # Near 0, where float32 of theirs is to be seen: a thousandth of how much subsets differ.
  tolerance = 1e-3 * expected["kernel_inception_distance_std"]
  assert kid.value == pytest.approx(expected["kernel_inception_distance_mean"], abs=tolerance)
  # Counts, over float32 distances of theirs: one image may fall on the other side.
  assert neighbourhoods.precision == pytest.approx(expected["precision"], abs=1.1 / COUNT)
  assert neighbourhoods.recall == pytest.approx(expected["recall"], abs=1.1 / COUNT)


def test_the_pytorch_convention_agrees_with_pytorch_fid(real_tensors, real_path, faces):
  train, test = (images[:64] for images in faces)
  extractor = Extractor(real_tensors, Resize.PYTORCH)
  ours = [extractor.features(images) for images in (train, test)]
  network = reference.pytorch_fid_features(real_path)
  theirs = [network(images) for images in (train, test)]
  for a, b in zip(ours, theirs, strict=True):
    assert_same_features(a, b)
  fid_score = importlib.import_module("pytorch_fid.fid_score")
  moments = [part for x in theirs for part in (x.mean(axis=0), np.cov(x, rowvar=False))]
  expected = fid_score.calculate_frechet_distance(*moments)
  assert frechet_distance(*ours) == pytest.approx(expected, rel=1e-3)
