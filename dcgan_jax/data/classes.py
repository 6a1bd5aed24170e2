"""Classes by name."""

from collections.abc import Sequence

from dcgan_jax.errors import UserError


def index_of(expression: str, class_names: Sequence[str], name: str) -> int:
  """The label of a class.

  Raises:
    UserError: there are no classes, or none of that name; the message lists them.
  """
  if not class_names:
    raise UserError(
      f"{expression!r}: {name} has no classes to choose from.\n"
      "Prepare it from class folders:  python -m dcgan_jax.prepare folder --source=DIR"
    )
  if expression not in class_names:
    raise UserError(f"{expression!r}: not one of {name}'s classes: {', '.join(class_names)}.")
  return class_names.index(expression)
