"""A discriminator that also judges what a trained classifier sees.

After Kumari et al. 2022 ("Ensembling Off-the-shelf Models for GAN Training") and Sauer et al. 2021
("Projected GANs Converge Faster"): beside the discriminator stand small judges, each of which sees
one layer's features of a frozen network. Theirs were taught on ImageNet, as were the features that
FID is made of; this one has learnt nothing but the expressions of the training images.
"""

from collections.abc import Mapping
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dcgan_jax.models.expression_classifier import ExpressionFeatures
from dcgan_jax.models.layers import Conv, ConvolutionalDiscriminator
from dcgan_jax.models.networks import Judgement

PyTree = Any

CLASSIFIER = "classifier"  # its variables' name in batch_stats
_SMALLEST = 3  # pixels: maps of this side are not halved, nor are those of an odd one


class FeatureJudges(nn.Module):
  """A discriminator, and a judge for each layer of a classifier, whose logits follow its own.

  The classifier's variables lie in batch_stats, where nothing trains them and checkpoints have
  them; they are zeros until `with_classifier` puts them there.

  Attributes:
    discriminator: whose class logits are the result's, if it has any.
    judging: the judges' attributes, as of every ConvolutionalDiscriminator.
  """

  discriminator: nn.Module
  judging: Mapping[str, Any]

  @nn.compact
  def __call__(
    self, pixels: jax.Array, classes: jax.Array | None = None, train: bool = True
  ) -> Judgement:
    """As the discriminator; logits are float [6 * batch]: its own, and those of five judges."""
    judgement = self.discriminator(pixels, classes, train)
    logits = [judgement.logits]
    for number, features in enumerate(self._seen(pixels)):
      logits.append(_Judge(**self.judging, name=f"judge{number}")(features, train))
    return judgement._replace(logits=jnp.concatenate(logits))

  def _seen(self, pixels: jax.Array) -> list[jax.Array]:
    network = ExpressionFeatures(parent=None)

    def zeros() -> PyTree:
      shapes = jax.eval_shape(network.init, jax.random.key(0), pixels)
      return jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)

    features: Any = network.apply(self.variable("batch_stats", CLASSIFIER, zeros).value, pixels)
    return list(features)


class _Judge(ConvolutionalDiscriminator):
  """Features to one logit: halvings, then a convolution that decides place by place, averaged."""

  @nn.compact
  def __call__(self, features: jax.Array, train: bool) -> jax.Array:
    """float32 [batch, side, side, n] to [batch]."""
    x, number = features, 1
    while x.shape[1] > _SMALLEST and x.shape[1] % 2 == 0:
      x = self.hidden(x, number, self.width, train)
      number += 1
    if number == 1:
      x = self.hidden(x, number, self.width, train, taps=1, stride=1)
    decide = Conv(1, taps=3, stride=1, kernel_init=self.kernel_init, name="logit")
    return jnp.mean(self.weigh(decide, x, train), axis=(1, 2, 3))


def with_classifier(batch_stats: PyTree, variables: PyTree) -> PyTree:
  """A FeatureJudges' batch_stats with a classifier's variables in the zeros' place.

  Args:
    batch_stats: at step 0.
    variables: {"params", "batch_stats"} of an ExpressionClassifier.

  Raises:
    ValueError: they have other shapes.
  """
  place = batch_stats[CLASSIFIER]
  given = {kind: {name: variables[kind][name] for name in place[kind]} for kind in place}

  def take(zeros: jax.Array, leaf: Any) -> jax.Array:
    if zeros.shape != leaf.shape:
      raise ValueError(f"{leaf.shape} where {zeros.shape} is needed")
    return jnp.asarray(leaf, zeros.dtype)

  return {**batch_stats, CLASSIFIER: jax.tree.map(take, place, given)}
