import os

import numpy as np
import pytest

from dcgan_jax.checkpoints import Checkpoints, DamagedError
from dcgan_jax.errors import UserError

pytestmark = pytest.mark.usefixtures("no_deletions_to_wait_for")


@pytest.fixture
def saved(tmp_path):
  """The folder of a run's checkpoint of step 3."""
  checkpoints = Checkpoints(tmp_path)
  checkpoints.save(3, {"weights": np.zeros(2)}, {"config": {}})
  checkpoints.close()
  return tmp_path / "checkpoints" / "3"


def test_a_pipe_in_a_checkpoint_is_damage_and_not_waited_for(tmp_path, saved):
  (saved / "record" / "metadata").unlink()
  os.mkfifo(saved / "record" / "metadata")
  reader = Checkpoints(tmp_path, read_only=True)
  with pytest.raises(DamagedError, match="record/metadata is no file"):
    reader.record(3)
  reader.close()


@pytest.mark.parametrize(
  ("spoil", "words"),
  [(os.mkfifo, "3/_CHECKPOINT_METADATA is no file"),
   (lambda path: path.write_text("[" * 100_000), "cannot be opened: maximum recursion depth")],
  ids=["pipe", "recursion"],
)  # fmt: skip
def test_what_cannot_be_opened_is_a_message(tmp_path, saved, spoil, words):
  path = saved / "_CHECKPOINT_METADATA"
  path.unlink()
  spoil(path)
  with pytest.raises(UserError, match=words):
    Checkpoints(tmp_path, read_only=True)
