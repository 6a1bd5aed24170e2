import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dcgan_jax.gan.losses import adversarial_loss, class_loss, cross_entropy

LN2 = np.log(2.0)


def players(name, real, fake, label_smoothing=0.0):
  """(discriminator's, generator's) loss on these logits."""
  game = adversarial_loss(name, label_smoothing)
  real, fake = jnp.array(real), jnp.array(fake)
  return float(game.on_real(real) + game.on_fake(fake)), float(game.generator(fake))


def test_a_discriminator_that_knows_nothing_loses_two_ln_2():
  assert players("cross_entropy", [0.0, 0.0], [0.0]) == pytest.approx((2 * LN2, LN2), rel=1e-6)


def test_cross_entropy_is_minus_the_log_probability_of_the_truth():
  # sigmoid(ln 3) = 3/4. Real at 3/4, fake at 3/4 and at 1/4: the discriminator pays -ln 3/4 on the
  # real one and the mean of -ln 1/4 and -ln 3/4 on the fakes, the generator the mean of -ln 3/4
  # and -ln 1/4.
  ln3 = np.log(3.0)
  expected_fake = -(np.log(1 / 4) + np.log(3 / 4)) / 2
  d_loss, g_loss = players("cross_entropy", [ln3], [ln3, -ln3])
  assert d_loss == pytest.approx(-np.log(3 / 4) + expected_fake, rel=1e-6)
  assert g_loss == pytest.approx(expected_fake, rel=1e-6)


@pytest.mark.parametrize("logit", [-500.0, 500.0])
def test_cross_entropy_is_finite_for_any_logit_and_so_is_its_gradient(logit):
  game = cross_entropy()
  for loss in game:
    value, gradient = jax.value_and_grad(loss)(jnp.array([logit]))
    # Far out each loss is the distance itself or nothing: a clipped logarithm would give its clip.
    assert float(value) == pytest.approx(500 if value > 1 else 0)
    assert np.isfinite(gradient).all()


def test_smoothing_pulls_real_logits_to_the_smoothed_label_and_leaves_fakes_alone():
  # Cross-entropy against the label 0.9 is least where sigmoid(x) = 0.9, at x = ln 9.
  smoothed, plain = cross_entropy(0.1), cross_entropy()
  slope = jax.grad(smoothed.on_real)(jnp.array([np.log(9.0)]))
  assert float(slope[0]) == pytest.approx(0, abs=1e-6)
  logits = jnp.array([-1.5, 0.3])
  # 0.9 · -ln sigmoid(x) + 0.1 · -ln sigmoid(-x), written out.
  p = 1 / (1 + np.exp([1.5, -0.3]))
  expected = np.mean(-0.9 * np.log(p) - 0.1 * np.log(1 - p))
  assert float(smoothed.on_real(logits)) == pytest.approx(expected, rel=1e-5)
  assert float(smoothed.on_fake(logits)) == float(plain.on_fake(logits))


def test_hinge_stops_caring_beyond_its_margin():
  # Real logits 2 and -0.5 cost 0 and 1.5, fake ones -3 and 0.5 cost 0 and 1.5; means 0.75 each.
  # The generator's is minus the mean of its logits: 1.25.
  assert players("hinge", [2.0, -0.5], [-3.0, 0.5]) == pytest.approx((1.5, 1.25))


def test_wasserstein_is_the_difference_of_mean_scores():
  # Fakes' mean -1, real images' 2: -2 + -1; the generator wants its own mean up.
  assert players("wasserstein", [1.0, 3.0], [-3.0, 1.0]) == pytest.approx((-3.0, 1.0))


def test_class_loss_is_minus_the_log_probability_of_the_class():
  # Logits ln 1, ln 2, ln 5 are probabilities 1/8, 2/8, 5/8.
  logits = jnp.log(jnp.array([[1.0, 2.0, 5.0], [1.0, 2.0, 5.0]]))
  classes = jnp.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
  expected = -(np.log(5 / 8) + np.log(1 / 8)) / 2
  assert float(class_loss(logits, classes)) == pytest.approx(expected, rel=1e-6)


def test_class_loss_of_equal_logits_is_the_log_of_the_number_of_classes():
  assert float(class_loss(jnp.zeros((4, 7)), jnp.eye(7)[:4])) == pytest.approx(np.log(7), rel=1e-6)
