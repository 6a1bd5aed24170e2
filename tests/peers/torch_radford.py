"""Radford's DCGAN in plain PyTorch, layer by layer as listed, with weights taken from ours.

The listing is for 64×64×3; `side` is that of the map between the convolutions, 4 there and 3 for
48×48. The discriminator stops before the listing's sigmoid, which belongs to the loss.
"""

import numpy as np
import torch
from torch import nn

from . import torch_dcgan


def generator(latent_size, width, channels, side):
  up = {"kernel_size": 4, "stride": 2, "padding": 1, "bias": False}
  net = nn.Sequential()
  net.add_module("up1", nn.ConvTranspose2d(latent_size, 8 * width, side, 1, 0, bias=False))
  net.add_module("norm1", nn.BatchNorm2d(8 * width, eps=1e-5, momentum=0.1))
  net.add_module("relu1", nn.ReLU(inplace=True))
  net.add_module("up2", nn.ConvTranspose2d(8 * width, 4 * width, **up))
  net.add_module("norm2", nn.BatchNorm2d(4 * width, eps=1e-5, momentum=0.1))
  net.add_module("relu2", nn.ReLU(inplace=True))
  net.add_module("up3", nn.ConvTranspose2d(4 * width, 2 * width, **up))
  net.add_module("norm3", nn.BatchNorm2d(2 * width, eps=1e-5, momentum=0.1))
  net.add_module("relu3", nn.ReLU(inplace=True))
  net.add_module("up4", nn.ConvTranspose2d(2 * width, width, **up))
  net.add_module("norm4", nn.BatchNorm2d(width, eps=1e-5, momentum=0.1))
  net.add_module("relu4", nn.ReLU(inplace=True))
  net.add_module("to_pixels", nn.ConvTranspose2d(width, channels, **up))
  net.add_module("tanh", nn.Tanh())
  return net


def discriminator(width, channels, side):
  down = {"kernel_size": 4, "stride": 2, "padding": 1, "bias": False}
  net = nn.Sequential()
  net.add_module("down1", nn.Conv2d(channels, width, **down))
  net.add_module("leaky1", nn.LeakyReLU(0.2, inplace=True))
  net.add_module("down2", nn.Conv2d(width, 2 * width, **down))
  net.add_module("norm2", nn.BatchNorm2d(2 * width, eps=1e-5, momentum=0.1))
  net.add_module("leaky2", nn.LeakyReLU(0.2, inplace=True))
  net.add_module("down3", nn.Conv2d(2 * width, 4 * width, **down))
  net.add_module("norm3", nn.BatchNorm2d(4 * width, eps=1e-5, momentum=0.1))
  net.add_module("leaky3", nn.LeakyReLU(0.2, inplace=True))
  net.add_module("down4", nn.Conv2d(4 * width, 8 * width, **down))
  net.add_module("norm4", nn.BatchNorm2d(8 * width, eps=1e-5, momentum=0.1))
  net.add_module("leaky4", nn.LeakyReLU(0.2, inplace=True))
  net.add_module("logit", nn.Conv2d(8 * width, 1, side, 1, 0, bias=False))
  return net


def load(module, variables):
  """Copies our params and batch_stats into a network of the same architecture."""
  params = {layer: dict(leaves) for layer, leaves in variables["params"].items()}
  if "up1" in params:
    # to_torch turns the kernels of lax's transposed convolutions; this one of ours is an einsum.
    params["up1"]["kernel"] = np.asarray(params["up1"]["kernel"])[::-1, ::-1]
  theirs = torch_dcgan.named_like_torch(params)
  for layer, statistics in variables["batch_stats"].items():
    for kind, values in statistics.items():
      theirs[f"{layer}.running_{kind}"] = np.asarray(values)
  own = module.state_dict()
  counters = {name for name in own if name.endswith("num_batches_tracked")}
  assert theirs.keys() == own.keys() - counters
  state = {name: torch.tensor(array.copy()) for name, array in theirs.items()}
  module.load_state_dict({**{name: own[name] for name in counters}, **state})
