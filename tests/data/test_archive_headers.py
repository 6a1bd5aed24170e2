import tarfile
import zipfile

import pytest

from dcgan_jax.data.archives import open_tree
from dcgan_jax.errors import UserError


def test_members_of_a_zip_that_lie_in_one_another_are_refused(tmp_path):
  path = tmp_path / "raw.zip"
  with zipfile.ZipFile(path, "w") as archive:
    archive.writestr("a.png", b"1")
    archive.writestr("b.png", b"2")
  data = bytearray(path.read_bytes())
  second = data.rindex(b"PK\1\2")
  data[second + 42 : second + 46] = bytes(4)  # where it begins: where the first one does
  path.write_bytes(data)
  with pytest.raises(UserError, match=r"'b\.png' lies inside another member"):
    open_tree(path)


def test_a_sparse_file_in_a_tar_is_refused_by_name(tmp_path):
  with tarfile.open(tmp_path / "raw.tar", "w", format=tarfile.GNU_FORMAT) as archive:
    archive.addfile(tarfile.TarInfo("a.png"))
    holes = tarfile.TarInfo("b.png")
    holes.type = tarfile.GNUTYPE_SPARSE
    archive.addfile(holes)
  with pytest.raises(UserError, match=r"raw\.tar: .*'b\.png' is stored as a sparse file"):
    open_tree(tmp_path / "raw.tar")
