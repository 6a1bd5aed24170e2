"""Fields of a config that are sound alone and not together."""

from collections.abc import Iterator

from ml_collections import ConfigDict

from dcgan_jax.gan import augment
from dcgan_jax.gan.judge import augmentations
from dcgan_jax.models import build


def contradictions(config: ConfigDict, usual: ConfigDict) -> Iterator[str]:
  """One sentence for each pair of fields that are sound alone and not together.

  Args:
    config: has every field, each of its type.
    usual: the default config: what a field says where the model has no use for it.
  """
  for kind in augmentations(config):
    if kind not in augment.KINDS:
      yield f"config.augmentation: {kind!r} is not one of {', '.join(augment.KINDS)}."
  loss = config.loss
  if loss.label_smoothing and loss.adversarial != "cross_entropy":
    yield f"config.loss.label_smoothing: {loss.adversarial} knows no labels to smooth; set it to 0."
  # The cGAN's discriminator has none; judges of a classifier's features do.
  has_none = config.model.name == "cgan" and not config.model.classifier
  without = has_none or not config.model.discriminator_batch_norm
  for field in ("r1", "gradient_penalty"):
    if loss[field] and not without:
      yield (
        f"config.loss.{field}: BatchNorm mixes the images whose gradients it punishes one by one. "
        "Set config.model.discriminator_batch_norm=False."
      )
  if config.model.spectral_norm and not without:
    yield (
      "config.model.spectral_norm: BatchNorm divides out the very scale of the kernels that it "
      "bounds. Set config.model.discriminator_batch_norm=False."
    )
  if loss.gradient_penalty and config.augmentation:
    yield (
      "config.loss.gradient_penalty: it asks for a slope of 1 on the images themselves, and "
      "config.augmentation changes their contrast and hides parts. Leave one of them out, or take "
      "config.loss.r1."
    )
  bounded = loss.gradient_penalty or loss.r1 or config.model.spectral_norm
  if loss.adversarial == "wasserstein" and not bounded:
    yield (
      "config.loss.adversarial: wasserstein grows without bound. Set "
      "config.loss.gradient_penalty=10, or config.model.spectral_norm=True."
    )
  yield from _without_effect(config, usual)
  if config.model.name == "acgan" and loss.generator_class_weight and not loss.class_weight:
    yield (
      "config.loss.generator_class_weight: with config.loss.class_weight=0 nobody learns the "
      "classes that the generator is to answer for. Set both to 0, or neither."
    )
  if config.data.expression and config.model.name in build.CONDITIONAL:
    yield (
      f"config.data.expression: {config.model.name} learns all classes at once. Leave it out, or "
      "choose config.model.name=pixelnorm_dcgan."
    )


def _without_effect(config: ConfigDict, usual: ConfigDict) -> Iterator[str]:
  """Fields that were set for a model that has no use for them."""
  name = config.model.name
  classifier, conditional = name == "acgan", name in build.CONDITIONAL
  for field in ("classify_fakes", "class_weight", "generator_class_weight"):
    default = usual.loss[field]
    if config.loss[field] != default and not classifier:
      yield f"config.loss.{field}: {name} does not classify, acgan does. Leave it {default}."
  if config.loss.fake_classes != usual.loss.fake_classes and not conditional:
    yield (
      f"config.loss.fake_classes: {name} has no classes, {', '.join(build.CONDITIONAL)} have. "
      f"Leave it {usual.loss.fake_classes}."
    )
  for field in ("augmentation_start", "augmentation_ramp"):
    if config[field] and not set(augmentations(config)) & set(augment.WAITING):
      yield f"config.{field}: config.augmentation names nothing that would wait. Leave it 0."
