"""Which split judges what was trained on another: one rule for every command."""

from dcgan_jax.data.reports import split_names

# Papers report the test split. Many copies of FER-2013 have only one of the two.
_PREFERRED = ("test", "validation")


def held_out_splits(name: str, directory: str | None) -> tuple[str, ...]:
  """The splits of a prepared set that are held out from training, the one to take first: test.

  Args:
    name: the name it was prepared under.
    directory: data directory; None as for `reports.data_dir`.

  Returns:
    Empty for a set that has only train.

  Raises:
    UserError: not prepared, or damaged.
  """
  there = split_names(name, directory)
  return tuple(split for split in _PREFERRED if split in there)
