"""The paper's model and its alternating step in Keras, with weights taken from ours."""

from functools import partial

import numpy as np
import tensorflow as tf  # as its users do: our own import turns oneDNN off

keras = tf.keras


class PixelNorm(keras.layers.Layer):
  def call(self, x):
    return x * tf.math.rsqrt(tf.reduce_mean(tf.square(x), axis=-1, keepdims=True) + 1e-8)


def generator(latent_size, width, policy):
  dense = partial(keras.layers.Dense, dtype=policy)
  up = partial(keras.layers.Conv2DTranspose, kernel_size=4, strides=2, padding="same", dtype=policy)
  activation = [PixelNorm, partial(keras.layers.LeakyReLU, negative_slope=0.2)]

  def activate():
    return [layer(dtype=policy) for layer in activation]

  layers = [
    keras.Input((latent_size,)),
    dense(6 * 6 * 8 * width, name="project"),
    keras.layers.Reshape((6, 6, 8 * width), dtype=policy),
    *activate(),
  ]
  for i, multiple in enumerate((4, 2, 1), start=1):
    layers += [up(multiple * width, name=f"up{i}"), *activate()]
  layers += [up(1, strides=1, name="to_pixels"), keras.layers.Activation("tanh", dtype="float32")]
  return keras.Sequential(layers)


def discriminator(width, policy):
  layers = [keras.Input((48, 48, 1))]
  for i, multiple in enumerate((1, 2, 4, 8), start=1):
    layers.append(
      keras.layers.Conv2D(
        multiple * width, 4, 2, "same", use_bias=i == 1, dtype=policy, name=f"down{i}"
      )
    )
    if i > 1:
      layers.append(
        keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, dtype=policy, name=f"norm{i}")
      )
    layers.append(keras.layers.LeakyReLU(0.2, dtype=policy))
  layers += [keras.layers.Flatten(), keras.layers.Dense(1, dtype="float32", name="logit")]
  return keras.Sequential(layers)


def to_keras(name, kind, leaf):
  """A parameter of ours in Keras's layout."""
  array = np.asarray(leaf)
  if kind == "kernel" and (name.startswith("up") or name == "to_pixels"):
    # HWIO to HWOI; TensorFlow's transposed convolution turns its kernel by 180°, lax's does not.
    return array[::-1, ::-1].transpose(0, 1, 3, 2)
  return array


_NAMES = {"kernel": "kernel", "scale": "gamma", "bias": "bias"}


def load(model, params):
  """Copies our params into a model of the same architecture."""
  for name, leaves in params.items():
    layer = model.get_layer(name)
    for kind, leaf in leaves.items():
      attribute = "beta" if kind == "bias" and name.startswith("norm") else _NAMES[kind]
      getattr(layer, attribute).assign(to_keras(name, kind, leaf))


def softplus_mean(x):
  return tf.reduce_mean(tf.math.softplus(x))


class Trainer:
  """The alternating step with Adam and the generator's moving average."""

  def __init__(self, latent_size=100, width=64, bfloat16=False):
    policy = "mixed_bfloat16" if bfloat16 else "float32"
    self.latent_size = latent_size
    self.generator = generator(latent_size, width, policy)
    self.discriminator = discriminator(width, policy)
    adam = partial(keras.optimizers.Adam, 2e-4, beta_1=0.5, beta_2=0.999, epsilon=1e-8)
    self.g_optimizer, self.d_optimizer = adam(), adam()
    self.g_optimizer.build(self.generator.trainable_variables)
    self.d_optimizer.build(self.discriminator.trainable_variables)
    self.ema = [tf.Variable(v) for v in self.generator.trainable_variables]

  @tf.function
  def step(self, images, latents):
    """uint8 [batch, 48, 48, 1] and float [batch, latent_size] to both losses."""
    real = tf.cast(images, tf.float32) / 127.5 - 1
    g_variables = self.generator.trainable_variables
    d_variables = self.discriminator.trainable_variables
    with tf.GradientTape() as g_tape:
      fake = self.generator(latents, training=True)
      with g_tape.stop_recording(), tf.GradientTape() as d_tape:
        real_logits = self.discriminator(real, training=True)
        fake_logits = self.discriminator(tf.stop_gradient(fake), training=True)
        d_loss = softplus_mean(-real_logits) + softplus_mean(fake_logits)
      with g_tape.stop_recording():
        self.d_optimizer.apply(d_tape.gradient(d_loss, d_variables))
      g_loss = softplus_mean(-self.discriminator(fake, training=True))
    self.g_optimizer.apply(g_tape.gradient(g_loss, g_variables))
    for average, variable in zip(self.ema, g_variables, strict=True):
      average.assign(0.999 * average + 0.001 * variable)
    return d_loss, g_loss
