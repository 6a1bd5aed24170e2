"""Fetching the published data sets through kagglehub (the `download` extra)."""

import pathlib
import re

from dcgan_jax.errors import UserError

# What each slug holds, the default of its kind first.
SLUGS = {
  "fer2013": (
    "jonathanoheix/face-expression-recognition-dataset",  # the paper's copy: 28,821 + 7,066
    "msambare/fer2013",  # folders, 28,709 + 7,178
    "nicolejyt/facialexpressionrecognition",  # the CSV, 35,887 rows
  ),
  "ckplus": ("davilsena/ckdataset",),  # ckextended.csv, 920 rows
}


def resolve(kind: str, slug: str | None) -> str:
  """The slug to fetch: the one given, else the default of the kind.

  Raises:
    UserError: none given and no default, or not of the form owner/data-set.
  """
  known = SLUGS.get(kind, ())
  if slug is None:
    if not known:
      raise UserError(f"{kind} has no download of its own; name one:  --download=OWNER/DATA-SET")
    return known[0]
  if not re.fullmatch(r"[\w-]+/[\w-]+(/versions/\d+)?", slug):
    listed = "".join(f"\n  {one}" for one in known)
    raise UserError(f"--download={slug}: expected OWNER/DATA-SET as on Kaggle, such as{listed}")
  return slug


def fetch(slug: str) -> pathlib.Path:
  """Downloads a Kaggle data set into kagglehub's own cache, unless it is there, and returns where.

  Raises:
    UserError: kagglehub is not installed, or could not fetch it (no network, no such set).
  """
  try:
    import kagglehub
  except ImportError as error:
    raise UserError(
      "--download needs kagglehub, which is not installed.\n"
      "Install it:          pip install 'dcgan_jax[download]'\n"
      f"or fetch by hand:    https://www.kaggle.com/datasets/{slug}  and give --source=PATH"
    ) from error
  try:
    return pathlib.Path(kagglehub.dataset_download(slug))
  except Exception as error:  # kagglehub passes on whatever its HTTP library raises
    reason = str(error).strip().splitlines() or [type(error).__name__]
    raise UserError(
      f"{slug} could not be fetched: {reason[0]}\n"
      "Check the network, and the slug; the finished part is kept, so run the command again,\n"
      f"or fetch by hand:    https://www.kaggle.com/datasets/{slug}  and give --source=PATH"
    ) from error
