"""`prepare folder` of hostile zips, tars and folders."""

import pytest

from .cases import some
from .folders import FOLDERS, folder_of_an_odd_name
from .tars import TARS
from .zips import ZIPS

_FAST = (
  "bomb.zip", "overlapping.zip", "paths.zip", "links.zip", "encrypted.zip",
  "names.zip", "long header.tar.gz", "headers.tar", "minus-pax.tar", "map.tar", "sparse.tar.gz",
  "map.tar.gz", "links.tar",
)  # fmt: skip


@pytest.mark.parametrize("name", some(ZIPS | TARS, *_FAST))
def test_no_archive_unpacks_into_the_memory_or_out_of_its_place(place, name):
  ended = place.prepare("folder", place.make((ZIPS | TARS)[name]))
  assert ended.code == 2
  assert list(place.target.iterdir()) == []


@pytest.mark.parametrize("name", some(FOLDERS, "links", "odd names", "a maze of links"))
def test_no_folder_leads_into_a_pipe_or_round_in_circles(place, name):
  assert place.prepare("folder", place.make(FOLDERS[name])).code == 2


@pytest.mark.slow
def test_a_folder_whose_own_name_is_odd_is_read(place):
  assert place.prepare("folder", place.make(folder_of_an_odd_name)).code == 0
