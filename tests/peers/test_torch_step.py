"""One update of ours against the same update in PyTorch, from the same weights and latents."""

import jax.numpy as jnp
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="extra 'peers' is not installed")

from dcgan_jax.gan.latents import training_latents

from . import ours, torch_dcgan


@pytest.fixture(scope="module")
def both():
  """Both trainers after one update, with their losses."""
  mine = ours.Trainer(width=16, seed=3)
  theirs = torch_dcgan.Trainer(latent_size=100, width=16)
  torch_dcgan.load(theirs.generator, mine.state.generator.params)
  torch_dcgan.load(theirs.discriminator, mine.state.discriminator.params)
  images = np.random.default_rng(0).integers(0, 256, (1, 16, 48, 48, 1), dtype=np.uint8)
  latents = np.asarray(training_latents(3, jnp.array(0), 16, mine.networks))
  metrics = mine.run(images, 1)
  losses = theirs.step(torch.tensor(images[0]), torch.tensor(latents))
  return mine, theirs, metrics, losses


def test_the_losses_agree(both):
  _, _, metrics, (d_loss, g_loss) = both
  assert float(metrics["discriminator_loss"]) == pytest.approx(d_loss.item(), rel=1e-5)
  assert float(metrics["generator_loss"]) == pytest.approx(g_loss.item(), rel=1e-5)


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_every_gradient_agrees(both, player):
  mine, theirs, _, _ = both
  # Adam's first moment after one update is half the gradient.
  gradients = torch_dcgan.named_like_torch(getattr(mine.state, player).opt_state[0].mu)
  parameters = dict(getattr(theirs, player).named_parameters())
  assert gradients.keys() == parameters.keys()
  for name, half in gradients.items():
    expected = parameters[name].grad.numpy()
    # The generator's pass through a discriminator already moved by Adam's sign-like first step.
    tolerance = 1e-4 * np.abs(expected).max()
    if name == "logit.bias":  # what is left of halves that nearly cancel, each to float32's 6e-8
      tolerance += 1e-6
    np.testing.assert_allclose(2 * half, expected, rtol=0, atol=tolerance, err_msg=name)
