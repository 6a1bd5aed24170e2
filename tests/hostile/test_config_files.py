"""`main` of hostile configs."""

import pytest

from .config_files import CONFIGS
from .spoilt import spoilt

_SPOILT_CONFIGS = ("a folder", "a pipe", "a loop", "zeros")


@pytest.mark.parametrize("how", [*CONFIGS, *_SPOILT_CONFIGS])
def test_no_config_is_taken_at_its_word(place, how):
  config = place.folder / "in" / "mine.py"
  if how in CONFIGS:
    config.write_bytes(CONFIGS[how])
  else:
    spoilt(config.parent, "mine.py", how)
  named = "config.data" if "ConfigDict" in how else "mine.py"
  flags = [f"--config={config}", f"--workdir={place.target}/run"]
  assert place.run("main", *flags, named=named).code == 2
