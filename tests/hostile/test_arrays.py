"""`evaluate` of hostile arrays of images, pictures, statistics and weights.

Most share a process, as starting one takes seconds; slow tests run a few by themselves.
"""

import pytest

from .arrays import IMAGE_ARRAYS, STATISTICS, weights
from .cases import each_apart, some
from .pictures import PICTURES, face, picture


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
  """A folder of 16 sound pictures."""
  folder = tmp_path_factory.mktemp("faces")
  for seed in range(16):
    (folder / f"{seed:02d}.png").write_bytes(face(seed))
  return folder


def of_images(path: object, data_dir: object) -> list[object]:
  return [f"--images={path}", "--data=synthetic", f"--data-dir={data_dir}", "--metrics=swd"]


def of_statistics(path: object, faces: object) -> list[object]:
  return [f"--reference={path}", f"--images={faces}", "--resize=pytorch", "--metrics=fid"]


def test_no_array_of_images_or_statistics_is_taken_at_its_word(place, data_dir, faces):
  pictures = {name: picture(name) for name in PICTURES}
  images = each_apart(place.folder / "in" / "images", IMAGE_ARRAYS | pictures)
  statistics = each_apart(place.folder / "in" / "statistics", STATISTICS)
  jobs = {name: of_images(path, data_dir) for name, path in images.items()}
  jobs |= {f"statistics: {name}": of_statistics(path, faces) for name, path in statistics.items()}
  codes = place.run_several("evaluate", "main", jobs)
  assert {name for name, code in codes.items() if code == 0} == set()
  assert not place.ran()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["objects", "a bomb"])
@pytest.mark.parametrize("kind", ["images", "statistics"])
def test_no_array_is_taken_at_its_word_alone(place, data_dir, faces, kind, name):
  path = place.make((IMAGE_ARRAYS if kind == "images" else STATISTICS)[name])
  flags = of_images(path, data_dir) if kind == "images" else of_statistics(path, faces)
  assert place.run("evaluate", *flags, named=path.name).code == 2
  assert not place.ran()


@pytest.mark.parametrize("kind", some(dict.fromkeys(("zip", "bare", "hole", "pipe")), "zip"))
def test_no_pickle_that_poses_as_weights_is_run(place, data_dir, faces, kind):
  path = place.make(weights(kind))
  flags = [f"--images={faces}", "--data=synthetic", f"--data-dir={data_dir}", "--metrics=fid"]
  ended = place.run("evaluate", *flags, named=path.name, DCGAN_JAX_WEIGHTS=path)
  assert ended.code == 2
  assert not place.ran()
