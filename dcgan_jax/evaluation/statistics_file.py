"""A reference known only by the mean and covariance of its features, as pytorch-fid writes it."""

import hashlib
import pathlib

from dcgan_jax.data import array_file
from dcgan_jax.errors import UserError
from dcgan_jax.metrics.frechet import Gaussian, gaussian_from_moments
from dcgan_jax.metrics.inception import FEATURES


def is_statistics_file(path: pathlib.Path) -> bool:
  """Whether a path is an .npz that holds 'mu' and 'sigma'."""
  if path.suffix.lower() != ".npz" or not path.is_file():
    return False
  return {"mu", "sigma"} <= array_file.names(path)


def load_statistics(path: pathlib.Path) -> tuple[Gaussian, str]:
  """Reads 'mu' [2048] and 'sigma' [2048, 2048] of an .npz and the sha256 of the file.

  Raises:
    UserError: the arrays cannot be read, or are no mean and covariance of Inception features.
  """
  try:
    arrays = array_file.read(path, ("mu", "sigma"))
    mean, covariance = arrays["mu"], arrays["sigma"]
    if mean.shape != (FEATURES,):
      raise ValueError(f"'mu' has shape {mean.shape}, Inception features {(FEATURES,)}")
    gaussian = gaussian_from_moments(mean, covariance)
  except Exception as error:  # arrays of whatever type and shape raise nearly anything
    raise UserError(
      f"--reference={path}: no statistics of Inception features: {error}.\n"
      "It takes what pytorch-fid's --save-stats writes; or name a folder of images instead."
    ) from error
  with path.open("rb") as file:
    return gaussian, hashlib.file_digest(file, "sha256").hexdigest()
