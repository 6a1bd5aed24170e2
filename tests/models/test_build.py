import pytest

from dcgan_jax.models import build


@pytest.mark.parametrize("name", build.NAMES)
def test_every_name_builds(config, name):
  config.model.name = name
  networks = build.build(config.model, (48, 48, 1))
  assert networks.latent_size == config.model.latent_size
  assert networks.image_shape == (48, 48, 1)


def test_an_unknown_name_is_refused(config):
  config.model.name = "stylegan9"
  with pytest.raises(KeyError, match="stylegan9"):
    build.build(config.model, (48, 48, 1))


@pytest.mark.parametrize(
  ("shape", "words"), [((48, 64, 1), "square"), ((40, 40, 1), "multiple of 16")]
)
def test_images_that_do_not_fit_are_named(config, shape, words):
  (problem,) = build.problems(config.model, shape)
  assert words in problem


def test_the_papers_images_fit(config):
  assert build.problems(config.model, (48, 48, 1)) == []
