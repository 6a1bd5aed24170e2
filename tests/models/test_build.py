import pytest
from ml_collections import ConfigDict

from dcgan_jax.models import build


@pytest.fixture
def model():
  return ConfigDict(
    {
      "name": "pixelnorm_dcgan",
      "latent_size": 8,
      "latent_distribution": "uniform",
      "width": 2,
      "spectral_norm": True,
      "discriminator_batch_norm": False,
      "classifier": None,
    }
  )


@pytest.mark.parametrize("name", build.NAMES)
def test_every_name_builds(model, name):
  model.name = name
  networks = build.build(model, (48, 48, 3), 7, "batch")
  assert networks.latent_size == 8
  assert networks.latent_distribution == "uniform"
  assert networks.image_shape == (48, 48, 3)
  assert networks.num_classes == (7 if name in build.CONDITIONAL else 0)


@pytest.mark.parametrize("name", build.NAMES)
def test_every_field_reaches_the_networks(model, name):
  model.name = name
  generator, discriminator = build.build(model, (48, 48, 3), 7, "batch")[:2]
  assert (generator.image_size, generator.channels, generator.width) == (48, 3, 2)
  assert discriminator.width == 2
  assert discriminator.spectral_norm
  assert not discriminator.batch_norm
  assert discriminator.axis_name == "batch"
  # PixelNorm's generators and the cGAN's look at one image at a time.
  alone = name.startswith("pixelnorm") or name == "cgan"
  assert getattr(generator, "axis_name", None) == (None if alone else "batch")


def test_the_acgan_tells_as_many_classes_apart_as_there_are(model):
  model.name = "acgan"
  assert build.build(model, (48, 48, 1), 8).discriminator.num_classes == 8


def test_an_unknown_name_is_refused(model):
  model.name = "stylegan9"
  with pytest.raises(KeyError, match="stylegan9"):
    build.build(model, (48, 48, 1), 7)


@pytest.mark.parametrize("name", build.NAMES)
def test_images_that_are_not_square_are_named(model, name):
  model.name = name
  (problem,) = build.problems(model, (48, 64, 1), 7)
  assert problem == f"images are 48×64; {name} needs square ones"


@pytest.mark.parametrize(
  ("name", "size", "multiple", "nearest"),
  [
    ("pixelnorm_dcgan", 40, 16, 32),  # half-way between 32 and 48: Python rounds to the even one
    ("pixelnorm_dcgan", 4, 16, 16),
    ("radford_dcgan", 50, 16, 48),
    ("radford_dcgan", 18, 16, 32),
    ("radford_dcgan", 250, 16, 128),
    ("cgan", 47, 4, 48),
    ("acgan", 44, 8, 48),  # 5½ eighths: to 6, the even one
    ("projection", 60, 16, 64),
    ("pixelnorm_projection", 50, 16, 48),
  ],
)
def test_a_size_that_does_not_halve_is_named_with_the_nearest_that_does(
  model, name, size, multiple, nearest
):
  model.name = name
  (problem,) = build.problems(model, (size, size, 1), 7)
  assert f"images are {size}×{size}; {name} halves them" in problem
  assert f"a multiple of {multiple}," in problem
  assert problem.endswith(f"{nearest}×{nearest}")


@pytest.mark.parametrize("name", ["radford_dcgan", "projection"])
@pytest.mark.parametrize("size", [16, 144])
def test_a_size_the_whole_map_layers_are_not_made_for_is_named(model, name, size):
  model.name = name
  (problem,) = build.problems(model, (size, size, 1), 7)
  assert problem == f"images are {size}×{size}; {name} is made for 32×32 to 128×128"


@pytest.mark.parametrize("name", build.CONDITIONAL)
@pytest.mark.parametrize(("count", "words"), [(0, "have no classes"), (1, "all of one class")])
def test_a_conditional_architecture_needs_classes(model, name, count, words):
  model.name = name
  (problem,) = build.problems(model, (48, 48, 1), count)
  assert problem.startswith(f"{name} needs labelled images of several classes; these ")
  assert words in problem
  assert "--config.model.name=pixelnorm_dcgan" in problem


def test_two_mistakes_are_two_sentences(model):
  model.name = "cgan"
  assert len(build.problems(model, (47, 47, 1), 0)) == 2


@pytest.mark.parametrize("name", build.NAMES)
def test_the_published_images_fit(model, name):
  model.name = name
  assert build.problems(model, (48, 48, 1), 7) == []
  assert build.problems(model, (64, 64, 3), 7) == []


@pytest.mark.parametrize("name", ["pixelnorm_dcgan", "radford_dcgan"])
def test_the_others_need_no_classes(model, name):
  model.name = name
  assert build.problems(model, (48, 48, 1), 0) == []
