import jax
import numpy as np
import pytest

from dcgan_jax.models import pixelnorm_dcgan
from dcgan_jax.models.pixelnorm_projection import Discriminator, Generator

A, B, HALF = (np.array([row], np.float32) for row in ([1, 0], [0, 1], [0.5, 0.5]))


@pytest.fixture
def rng():
  return np.random.default_rng(0)


def test_generator_is_the_papers_with_a_map_for_each_class(described):
  shapes, plain = described(Generator(), (100,)), described(pixelnorm_dcgan.Generator(), (100,))
  maps = {"project_class": {"kernel": (7, 6 * 6 * 512)}}
  assert shapes["params"] == {**plain["params"], **maps}


def test_discriminator_is_the_papers_with_a_row_of_weights_for_each_class(described):
  shapes = described(Discriminator(), (48, 48, 1))
  plain = described(pixelnorm_dcgan.Discriminator(), (48, 48, 1))
  rows = {"embed": {"kernel": (7, 3 * 3 * 512)}}
  assert shapes["params"] == {**plain["params"], **rows}
  assert shapes["batch_stats"] == plain["batch_stats"]


def test_a_classs_map_is_added_to_what_the_latents_make(rng):
  latents = rng.normal(size=(1, 5)).astype(np.float32)
  module = Generator(image_size=16, width=2)
  params = module.init(jax.random.key(0), latents, A)["params"]
  # By hand in the plain generator: a map is a shift of the first layer's bias.
  shift = np.array([0.3, 0.7]) @ np.asarray(params["project_class"]["kernel"])
  plain = {name: layer for name, layer in params.items() if name != "project_class"}
  plain["project"] = {**plain["project"], "bias": plain["project"]["bias"] + shift}
  expected = pixelnorm_dcgan.Generator(image_size=16, width=2).apply({"params": plain}, latents)
  mixed = module.apply({"params": params}, latents, np.array([[0.3, 0.7]], np.float32))
  np.testing.assert_allclose(mixed, expected, atol=1e-6)


def test_the_projection_is_on_the_features_that_the_common_row_weighs(rng):
  pixels = rng.normal(size=(1, 16, 16, 1)).astype(np.float32)
  module = Discriminator(width=1)
  variables = module.init(jax.random.key(0), pixels, A, train=False)
  a, b, half = (module.apply(variables, pixels, c, train=False).logits for c in (A, B, HALF))
  np.testing.assert_allclose(half, (a + b) / 2, rtol=1e-5, atol=1e-9)
  # Miyato and Koyama, Eq. 3: a class's row added to the common one.
  plain = {name: layer for name, layer in variables["params"].items() if name != "embed"}
  row = variables["params"]["embed"]["kernel"][0][:, None]
  plain["logit"] = {**plain["logit"], "kernel": plain["logit"]["kernel"] + row}
  expected = pixelnorm_dcgan.Discriminator(width=1).apply(
    {**variables, "params": plain}, pixels, train=False
  )
  np.testing.assert_allclose(a, expected.logits, rtol=1e-5, atol=1e-9)
