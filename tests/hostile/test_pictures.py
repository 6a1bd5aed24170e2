"""`prepare folder` of hostile pictures."""

import json
import pathlib

import pytest

from .cases import some
from .pictures import LARGE_PICTURES, PICTURES, all_pictures, picture


@pytest.mark.parametrize("name", some(PICTURES, "60000.png", "text-chunk.png", "scans.jpg"))
def test_no_picture_is_taken_at_its_word(place, name):
  assert place.prepare("folder", place.make(picture(name)), named=name).code == 2


def test_what_is_sound_among_them_is_kept_and_the_others_are_listed(place):
  source = place.make(all_pictures)
  assert place.prepare("folder", source, "--on-error=skip").code == 0
  (report,) = place.target.glob("folder/*/report.json")
  told = json.loads(report.read_text())
  assert told["images"] == 1
  found = [pathlib.Path(one["item"]).name for one in told["skipped"]]
  assert sorted(found) == sorted(PICTURES)


@pytest.mark.slow
def test_the_largest_pictures_that_are_let_in_fit(place):
  for name in LARGE_PICTURES:
    source = place.make(picture(name))
  assert place.prepare("folder", source, "--color", "--size=64").code == 0
