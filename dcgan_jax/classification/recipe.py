"""How a classifier is trained: the numbers, each with its reason, and the optimiser they make."""

import math
from dataclasses import dataclass

import jax
import optax

# He et al. 2019 ("Bag of Tricks"): 0.1 for a batch of 256, linear in the batch, after a warm-up.
# Khaireddin and Chen 2021 compare optimisers on FER-2013 and keep SGD with Nesterov momentum.
_RATE_PER_IMAGE = 0.1 / 256
_MOMENTUM = 0.9
_WEIGHT_DECAY = 5e-4
_WARM_UP = 0.05  # of all updates

# People agree with about two thirds of FER-2013's labels: a target of 1 asks for more than is
# known (Szegedy et al. 2016, section 7).
LABEL_SMOOTHING = 0.1


@dataclass(frozen=True)
class Recipe:
  """What a user may choose of a training; all of it is part of the run's identity.

  Attributes:
    seed: of the initialisation, the order of the data and the augmentation.
    epochs: passes over the training images; the learning rate falls to 0 at the end of the last.
    batch_size: global, over all devices.
    width: filters of the network's stem.
  """

  seed: int = 0
  epochs: int = 20
  batch_size: int = 128
  width: int = 32

  def total_steps(self, num_examples: int) -> int:
    """Updates in the whole training."""
    return math.ceil(self.epochs * num_examples / self.batch_size)


def make_optimizer(batch_size: int, total_steps: int) -> optax.GradientTransformation:
  """SGD with Nesterov momentum; the rate rises for a twentieth of the updates, then falls to 0.

  The rate ends at 0 (a cosine: Loshchilov and Hutter 2017), so the last weights need no averaging.
  Weight decay spares biases and BatchNorm (He et al. 2019).
  """
  schedule = optax.warmup_cosine_decay_schedule(
    init_value=0.0,
    peak_value=_RATE_PER_IMAGE * batch_size,
    warmup_steps=min(math.ceil(_WARM_UP * total_steps), total_steps - 1),
    decay_steps=total_steps,
  )
  return optax.chain(
    optax.add_decayed_weights(
      _WEIGHT_DECAY, mask=lambda params: jax.tree.map(lambda leaf: leaf.ndim > 1, params)
    ),
    optax.sgd(schedule, momentum=_MOMENTUM, nesterov=True),
  )
