import pytest

from .campaign import ONCE, RANDOM, campaign
from .place import Place


@pytest.fixture(scope="module")
def place(tmp_path_factory):
  return Place(tmp_path_factory.mktemp("faults"))


@pytest.mark.slow
@pytest.mark.parametrize("fault", [fault.__name__ for fault in (*RANDOM, *ONCE)])
def test_what_was_trained_survives(place, fault):
  (outcome,) = campaign(place, times=1, seed=0, only={fault})
  if outcome.unavailable:
    pytest.skip(f"{fault}: {outcome.notes[0]}")
  assert outcome.injected == 1
  assert outcome.failures == []
