"""What is kept so that it need not be computed again, and how large it has grown."""

import os
import pathlib
from collections.abc import Iterator

from dcgan_jax.checkup.finding import Finding, absent, good
from dcgan_jax.evaluation.store import default_store
from dcgan_jax.quantities import bytes_text
from dcgan_jax.startup import compilation_cache


def findings(data_dir: str | None) -> Iterator[Finding]:
  """The compilation cache, and what evaluations have computed of real images.

  Raises:
    UserError: $DCGAN_JAX_REFERENCES is a URL.
  """
  del data_dir  # data sets are not computed
  yield _folder("programs", "compiled", compilation_cache())
  yield _folder("references", "computed of real images by evaluations", default_store())


def _folder(what: str, how: str, folder: pathlib.Path) -> Finding:
  if not folder.is_dir():
    return absent(what, f"nothing {how} yet; it would be kept in {folder}")
  count, size = 0, 0
  for above, _, names in os.walk(folder):
    for name in names:
      try:
        size += os.lstat(os.path.join(above, name)).st_size
      except OSError:  # deleted meanwhile
        continue
      count += 1
  return good(what, f"{how}: {folder}, {bytes_text(size)} in {count:,} files")
