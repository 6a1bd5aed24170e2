import pathlib

import pytest

from dcgan_jax.checkup import accelerators


@pytest.mark.parametrize(
  ("files", "names"),
  [
    ([], []),
    (["accel0", "accel1"], ["TPU"]),
    (["vfio/0"], ["TPU"]),
    (["nvidia0"], ["NVIDIA GPU"]),
    (["nvidiactl"], []),  # the driver without a card
  ],
)
def test_accelerators_are_known_by_their_files(files, names, tmp_path):
  for file in files:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
  found = accelerators.present(tmp_path)
  assert [kind.name for kind, _ in found] == names
  assert [file for _, file in found] == [tmp_path / file for file in files[:1] if names]


def test_launchers_choose_a_lock_file_by_the_same_files(repository):
  script = (repository / "launch" / "environment.sh").read_text(encoding="utf-8")
  for kind in accelerators.KINDS:
    for file in kind.files:
      assert f'"$devices/{file}"' in script


def test_platforms_are_asked_for_by_either_of_their_names():
  assert [kind.name for kind in accelerators.asked_for(["cuda", "cpu"])] == ["NVIDIA GPU"]
  assert [kind.name for kind in accelerators.asked_for(["gpu", "tpu"])] == ["TPU", "NVIDIA GPU"]
  assert accelerators.asked_for(["cpu"]) == []


def test_nothing_is_here_where_there_is_no_folder_of_devices():
  assert accelerators.present(pathlib.Path("/nowhere")) == []
