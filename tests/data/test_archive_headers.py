import io
import tarfile
import tracemalloc
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


HOLES = {
  "0.0": {"GNU.sparse.size": "1", "GNU.sparse.offset": "0", "GNU.sparse.numbytes": "1"},
  "0.1": {"GNU.sparse.map": "0,1"},
  "1.0": {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"},
}


def write_sparse(path, headers, contents=b"0\n"):
  with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
    archive.addfile(tarfile.TarInfo("a.png"))
    holes = tarfile.TarInfo("b.png")
    holes.pax_headers, holes.size = headers, len(contents)
    archive.addfile(holes, io.BytesIO(contents))
  return path


@pytest.mark.parametrize("version", HOLES)
def test_holes_listed_in_an_extended_header_are_refused_too(tmp_path, version):
  path = write_sparse(tmp_path / "raw.tgz", HOLES[version])
  with pytest.raises(UserError, match=r"'b\.png' is stored as a sparse file: pack it without"):
    open_tree(path)


def test_a_list_of_holes_is_not_read_to_find_its_end(tmp_path):
  # 2 million numbers would be 16 MB of pointers, had they been listed.
  path = write_sparse(tmp_path / "raw.tgz", HOLES["1.0"], b"999999\n" + b"1\n" * 2_000_000)
  tracemalloc.start()
  try:
    with pytest.raises(UserError, match="stored as a sparse file"):
      open_tree(path)
    assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
  finally:
    tracemalloc.stop()
