"""What a terminal shows while something takes long: gone once that is done, silent elsewhere."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Any, TypeVar

from tqdm import tqdm

from dcgan_jax.errors import printable

T = TypeVar("T")

_SECONDS = 1.0  # what is counted in less shows nothing


def bar(
  what: str,
  unit: str,
  total: float | None = None,
  delay: float = 0.0,
  unit_scale: bool = False,
  initial: int = 0,
) -> Any:
  """A bar of tqdm, on a terminal; to be closed.

  Args:
    what: is going on.
    unit: of what is counted, with a space before it.
    total: how many there are, where that is known.
    delay: seconds before it appears.
    unit_scale: whether thousands and millions of the unit have its k and M.
    initial: how many had been counted before.
  """
  return tqdm(
    desc=printable(what),
    total=total,
    unit=unit,
    unit_scale=unit_scale,
    initial=initial,
    disable=None,  # unless on a terminal
    leave=False,
    dynamic_ncols=True,
    delay=delay,
  )


def counted(
  items: Iterable[T],
  what: str,
  unit: str,
  total: int | None = None,
  size: Callable[[T], int] | None = None,
  delay: float | None = None,
) -> Iterator[T]:
  """Passes items on, and shows how many have gone by once that takes more than a second.

  Args:
    items: are not asked for ahead.
    what: is done with them.
    unit: of what is counted, with a space before it.
    total: how many there are; else as many as the items' length, where they have one.
    size: how much an item counts; else 1.
    delay: seconds, other than that one: 0 where the first item takes long already.
  """
  if total is None and size is None and isinstance(items, Sized):
    total = len(items)
  with bar(what, unit, total, _SECONDS if delay is None else delay) as shown:
    for item in items:
      yield item
      shown.update(1 if size is None else size(item))


@contextlib.contextmanager
def doing(what: str) -> Iterator[None]:
  """Says what is going on where nothing can be counted: one factorisation, one compilation.

  The block is not to print anything: it would stand on the same line.
  """
  text = f"{printable(what)} …"
  with tqdm(desc=text, bar_format="{desc}", disable=None, leave=False, dynamic_ncols=True):
    yield
