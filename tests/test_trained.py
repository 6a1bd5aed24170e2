import shutil

import jax
import numpy as np
import pytest
from untrained_run import write_checkpoints

from dcgan_jax import trained
from dcgan_jax.checkpoints import CheckpointError, Checkpoints, DamagedError
from dcgan_jax.errors import UserError
from dcgan_jax.gan.statistics import make_measure
from dcgan_jax.record import class_counts
from dcgan_jax.train import train
from dcgan_jax.trained import load_generator, load_record

pytestmark = pytest.mark.usefixtures("no_deletions_to_wait_for")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
  workdir = tmp_path_factory.mktemp("run")
  write_checkpoints(workdir, [4, 8])
  return workdir


@pytest.fixture
def workdir(written, tmp_path):
  """Checkpoints at steps 4 and 8, to be damaged."""
  return shutil.copytree(written, tmp_path / "run")


def test_a_generator_comes_out_of_a_workdir_alone(config, tmp_path):
  train(config, tmp_path)
  raw, ema = (load_generator(tmp_path, None, ema=flag) for flag in (False, True))
  assert raw.step == ema.step == 12
  assert raw.record["config"]["model"]["width"] == 2
  assert raw.networks.image_shape == (48, 48, 1)
  assert jax.tree.structure(raw.weights) == jax.tree.structure(ema.weights)
  latents = np.ones((2, 8), np.float32)
  pixels = raw.networks.generator.apply(raw.weights, latents, train=False)
  assert pixels.shape == (2, 48, 48, 1)
  assert not np.array_equal(pixels, ema.networks.generator.apply(ema.weights, latents, train=False))


@pytest.mark.parametrize("model", ["radford_dcgan", "acgan"])
def test_the_average_comes_with_statistics_measured_with_it(tmp_path, model):
  write_checkpoints(tmp_path, [4], model=model)
  generator = load_generator(tmp_path, None, ema=True)
  # Whatever the checkpoint had, measuring once more changes nothing.
  counts = class_counts(generator.record, generator.networks.num_classes)
  measure = make_measure(generator.networks, 0, counts)
  jax.tree.map(np.testing.assert_array_equal, measure(generator.weights), generator.weights)


def test_the_newest_is_read_unless_another_is_asked_for(workdir):
  assert load_generator(workdir, None, ema=False).step == 8
  assert load_generator(workdir, 4, ema=False).step == 4


def test_a_record_is_read_without_its_weights(workdir):
  for file in (workdir / "checkpoints" / "8" / "state").rglob("*"):
    if file.is_file():
      file.unlink()
  assert load_record(workdir)["config"]["model"]["width"] == 2
  with pytest.raises(DamagedError):
    load_generator(workdir, 8, ema=False)


def test_reading_changes_nothing_in_the_workdir(workdir):
  before = {path: path.stat().st_mtime_ns for path in workdir.rglob("*")}
  load_generator(workdir, None, ema=True)
  load_record(workdir, 4)
  assert {path: path.stat().st_mtime_ns for path in workdir.rglob("*")} == before


@pytest.mark.parametrize("read", [load_record, lambda *where: load_generator(*where, ema=False)])
def test_a_missing_checkpoint_is_refused_with_those_there_are(workdir, read):
  with pytest.raises(UserError, match="no checkpoint of step 5; there are 4, 8"):
    read(workdir, 5)


@pytest.mark.parametrize("read", [load_record, lambda *where: load_generator(*where, ema=False)])
def test_a_folder_that_is_no_run_is_refused(tmp_path, read):
  with pytest.raises(UserError, match="no such folder"):
    read(tmp_path / "none", None)
  with pytest.raises(UserError, match="not a run's folder"):
    read(tmp_path, None)


def test_a_checkpoint_deleted_since_it_was_listed_is_unreadable(workdir):
  # A trainer that keeps few may be faster than whoever scores them: others can still be read.
  shutil.rmtree(workdir / "checkpoints" / "4")
  with pytest.raises(CheckpointError, match="no checkpoint of step 4; there are 8"):
    load_generator(workdir, 4, ema=False)


@pytest.mark.parametrize("when", ["record", "restore"])
def test_a_checkpoint_deleted_in_mid_read_says_so(workdir, monkeypatch, when):
  method = getattr(Checkpoints, when)

  def delete_first(self, step, *rest, **options):
    shutil.rmtree(workdir / "checkpoints" / str(step))
    return method(self, step, *rest, **options)

  monkeypatch.setattr(Checkpoints, when, delete_first)
  with pytest.raises(CheckpointError) as caught:
    load_generator(workdir, 4, ema=False)
  message = str(caught.value)
  assert message.startswith(f"checkpoint 4 of {workdir} was deleted while it was being read.")
  assert "--config.keep_latest" in message


def delete_files(folder):
  for file in folder.rglob("*"):
    if file.is_file():
      file.unlink()


def truncate_files(folder):
  for file in folder.rglob("*"):
    if file.is_file():
      file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def garble_files(folder):
  for file in folder.rglob("*"):
    if file.is_file():
      file.write_bytes(bytes(byte ^ 255 for byte in file.read_bytes()))


@pytest.mark.parametrize("item", ["state", "record"])
@pytest.mark.parametrize("damage", [delete_files, truncate_files, garble_files, shutil.rmtree])
def test_a_damaged_checkpoint_is_named_and_the_one_before_it_read(workdir, item, damage, capfd):
  folder = workdir / "checkpoints" / "8"
  damage(folder / item)
  with pytest.raises(DamagedError) as caught:
    load_generator(workdir, 8, ema=False)
  message = str(caught.value)
  assert message.startswith(f"{folder}: the checkpoint is damaged: ")
  assert message.endswith("\nName another one with --step.")
  assert len(message.splitlines()) == 2
  assert capfd.readouterr().err == ""
  assert load_generator(workdir, None, ema=False).step == 4
  problem = message.splitlines()[0]
  said = f"{problem}\nGoing back to the checkpoint before it, of step 4.\n"
  assert capfd.readouterr().err == said


def test_a_run_that_may_not_be_read_is_told(workdir, monkeypatch):
  def refuse(*arguments, **options):
    raise PermissionError(13, "Permission denied", str(workdir / "checkpoints"))

  monkeypatch.setattr(trained, "Checkpoints", refuse)
  with pytest.raises(UserError, match="run: cannot be read: Permission denied"):
    load_generator(workdir, None, ema=False)


def test_a_device_that_is_out_of_memory_is_no_damaged_checkpoint(workdir, monkeypatch):
  def fail(*arguments, **options):
    raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory")

  monkeypatch.setattr(Checkpoints, "restore", fail)
  with pytest.raises(jax.errors.JaxRuntimeError, match="Out of memory"):
    load_generator(workdir, None, ema=False)


def test_a_record_of_something_else_is_damage(workdir):
  (record,) = (workdir / "checkpoints" / "8" / "record").rglob("metadata")
  record.write_text("{}")
  with pytest.raises(DamagedError, match="the checkpoint is damaged"):
    load_generator(workdir, 8, ema=False)
