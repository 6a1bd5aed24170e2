"""Not a test: generators of random weights, and what they are asked for, without a workdir."""

import pathlib

import jax
import jax.numpy as jnp
import numpy as np
from small import small_config

from dcgan_jax.exporting.forward import forward, shapes
from dcgan_jax.models.build import build
from dcgan_jax.trained import TrainedGenerator

CLASSES = ("angry", "happy", "sad")


def untrained_generator(
  model: str,
  image_shape: tuple[int, int, int] = (48, 48, 1),
  latent_distribution: str = "normal",
  width: int = 2,
) -> TrainedGenerator:
  """A generator as `load_generator` gives one, of the small config but for what is given."""
  config = small_config(pathlib.Path("/home/somebody/data"))
  config.model.name, config.model.width = model, width
  config.model.image_size, _, config.model.channels = image_shape
  config.model.latent_distribution = latent_distribution
  networks = build(config.model, image_shape, len(CLASSES))
  inputs = [jnp.zeros(one.shape) for one in shapes(networks, 1).values()]
  like = jax.eval_shape(lambda: networks.generator.init(jax.random.key(0), *inputs, train=False))
  rng = np.random.default_rng(0)
  # Not below 0: some of them are variances.
  weights = jax.tree.map(lambda leaf: (rng.random(leaf.shape) / 10).astype(leaf.dtype), like)
  data = {"image_shape": list(image_shape), "class_names": list(CLASSES)}
  record = {"config": config.to_dict(), "data": data | {"class_counts": [5, 3, 2]}}
  return TrainedGenerator(networks, {"batch_stats": {}} | weights, 4, record)


def arguments_of(generator: TrainedGenerator, count: int) -> list[np.ndarray]:
  """Latents, and mixtures of classes where the generator knows classes."""
  rng = np.random.default_rng(count)
  networks = generator.networks
  arguments = [rng.normal(size=(count, networks.latent_size))]
  if networks.num_classes:
    arguments.append(rng.dirichlet(np.ones(networks.num_classes), count))
  return [argument.astype(np.float32) for argument in arguments]


def assert_draws_as(generator: TrainedGenerator, run, count: int) -> None:
  """That another form of the generator makes its pixels, which are no plain area."""
  arguments = arguments_of(generator, count)
  expected = np.asarray(jax.jit(forward(generator))(*arguments))
  assert expected.std() > 1e-3
  made = np.asarray(run(*arguments))
  assert made.dtype == np.float32
  np.testing.assert_allclose(made, expected, rtol=0, atol=1e-5)
