"""What networks do without: classes and BatchNorm."""

import pytest

from dcgan_jax.models import build

each = pytest.mark.parametrize("name", build.NAMES)
NEED_CLASSES = (
  ("cgan", "generator"),
  ("cgan", "discriminator"),
  ("acgan", "generator"),
  ("projection", "generator"),
  ("projection", "discriminator"),
  ("pixelnorm_projection", "generator"),
  ("pixelnorm_projection", "discriminator"),
)


@each
@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_without_classes_an_unconditional_network_works_and_a_conditional_one_says_what_it_needs(
  small_networks, playing, name, player
):
  module = getattr(small_networks(name), player)
  inputs = playing.latents if player == "generator" else playing.pixels
  if (name, player) in NEED_CLASSES:
    with pytest.raises(ValueError, match="needs classes"):
      playing.shapes(module, inputs, None)
  else:
    without, given = (playing.shapes(module, inputs, c) for c in (None, playing.classes))
    assert without == given


@each
def test_without_batchnorm_a_shift_takes_its_place(small_networks, playing, name):
  module = small_networks(name, discriminator_batch_norm=False).discriminator
  variables = playing.shapes(module, playing.pixels, playing.classes)
  assert "batch_stats" not in variables
  params = variables["params"]
  assert not [layer for layer in params if layer.startswith("norm")]
  unshifted = [layer for layer in params if layer[:4] == "down" and "bias" not in params[layer]]
  # Radford's first convolution has neither BatchNorm nor a bias.
  assert unshifted == (["down1"] if name == "radford_dcgan" else [])
