"""The paper's model and its alternating step in plain PyTorch, with weights taken from ours."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812


class PixelNorm(nn.Module):
  def forward(self, x):
    return x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-8)


class Generator(nn.Module):
  def __init__(self, latent_size, width):
    super().__init__()
    self.width = width
    self.project = nn.Linear(latent_size, 6 * 6 * 8 * width)
    self.up1 = nn.ConvTranspose2d(8 * width, 4 * width, 4, 2, 1)
    self.up2 = nn.ConvTranspose2d(4 * width, 2 * width, 4, 2, 1)
    self.up3 = nn.ConvTranspose2d(2 * width, width, 4, 2, 1)
    self.to_pixels = nn.ConvTranspose2d(width, 1, 4, 1, 1)
    self.norm = PixelNorm()

  def forward(self, latents):
    # Ours is laid out height, width, channels.
    x = self.project(latents).view(-1, 6, 6, 8 * self.width).permute(0, 3, 1, 2)
    x = F.leaky_relu(self.norm(x), 0.2)
    for layer in (self.up1, self.up2, self.up3):
      x = F.leaky_relu(self.norm(layer(x)), 0.2)
    # "SAME" at stride 1 with an even kernel: PyTorch makes 49 rows, the last is beyond the image.
    return torch.tanh(self.to_pixels(x)[:, :, :48, :48])


class Discriminator(nn.Module):
  def __init__(self, width):
    super().__init__()
    self.down1 = nn.Conv2d(1, width, 4, 2, 1)
    self.down2 = nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False)
    self.norm2 = nn.BatchNorm2d(2 * width)
    self.down3 = nn.Conv2d(2 * width, 4 * width, 4, 2, 1, bias=False)
    self.norm3 = nn.BatchNorm2d(4 * width)
    self.down4 = nn.Conv2d(4 * width, 8 * width, 4, 2, 1, bias=False)
    self.norm4 = nn.BatchNorm2d(8 * width)
    self.logit = nn.Linear(9 * 8 * width, 1)

  def forward(self, pixels):
    x = F.leaky_relu(self.down1(pixels), 0.2)
    for down, norm in (
      (self.down2, self.norm2), (self.down3, self.norm3), (self.down4, self.norm4),
    ):  # fmt: skip
      x = F.leaky_relu(norm(down(x)), 0.2)
    return self.logit(x.permute(0, 2, 3, 1).flatten(1))[:, 0]


def to_torch(name, leaf):
  """A parameter of ours in PyTorch's layout."""
  array = np.asarray(leaf)
  if array.ndim == 2:
    return array.T
  if array.ndim == 4 and (name.startswith("up") or name == "to_pixels"):
    # HWIO to IOHW; PyTorch's transposed convolution turns its kernel by 180°, lax's does not.
    return array[::-1, ::-1].transpose(2, 3, 0, 1)
  return array.transpose(3, 2, 0, 1) if array.ndim == 4 else array


_NAMES = {"kernel": "weight", "scale": "weight", "bias": "bias"}


def named_like_torch(params):
  """Our params (or their gradients) as {PyTorch's parameter name: array}."""
  return {
    f"{layer}.{_NAMES[kind]}": to_torch(layer, leaf)
    for layer, leaves in params.items()
    for kind, leaf in leaves.items()
  }


def load(module, params):
  """Copies our params into a module of the same architecture."""
  with torch.no_grad():
    for name, array in named_like_torch(params).items():
      module.get_parameter(name).copy_(torch.tensor(array.copy()))


class Trainer:
  """The alternating step with Adam and the generator's moving average."""

  def __init__(self, latent_size=100, width=64, compiled=False, bfloat16=False):
    self.latent_size, self.bfloat16 = latent_size, bfloat16
    self.generator, self.discriminator = Generator(latent_size, width), Discriminator(width)
    if bfloat16:  # its fast form
      for module in (self.generator, self.discriminator):
        module.to(memory_format=torch.channels_last)
    if compiled:
      self.generator.compile()
      self.discriminator.compile()
    adam = {"lr": 2e-4, "betas": (0.5, 0.999)}
    self.g_optimizer = torch.optim.Adam(self.generator.parameters(), **adam)
    self.d_optimizer = torch.optim.Adam(self.discriminator.parameters(), **adam)
    self.ema = [p.detach().clone() for p in self.generator.parameters()]

  def step(self, images, latents):
    """uint8 [batch, 48, 48, 1] and float [batch, latent_size] to both losses."""
    with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
      return self._step(images, latents)

  def _step(self, images, latents):
    real = images.permute(0, 3, 1, 2).float() / 127.5 - 1
    fake = self.generator(latents)
    self.d_optimizer.zero_grad()
    real_logits, fake_logits = self.discriminator(real), self.discriminator(fake.detach())
    d_loss = F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
    d_loss.backward()
    self.d_optimizer.step()
    self.g_optimizer.zero_grad()
    self.discriminator.requires_grad_(False)  # spares the gradients that would be thrown away
    g_loss = F.softplus(-self.discriminator(fake)).mean()
    g_loss.backward()
    self.discriminator.requires_grad_(True)
    self.g_optimizer.step()
    torch._foreach_lerp_(self.ema, [p.detach() for p in self.generator.parameters()], 0.001)
    return d_loss, g_loss
