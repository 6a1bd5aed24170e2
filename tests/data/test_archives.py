import io
import os
import pathlib
import tarfile
import zipfile

import pytest

from dcgan_jax.data import archives
from dcgan_jax.data.archives import open_tree, read_bytes
from dcgan_jax.data.decode import ItemError
from dcgan_jax.errors import UserError

FILES = {"b/2.png": b"two", "a/1.png": b"one", "c.txt": b"text"}


def write_folder(path, files):
  for name, data in files.items():
    (path / name).parent.mkdir(parents=True, exist_ok=True)
    (path / name).write_bytes(data)
  return path


def write_zip(path, files):
  with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
    for name, data in files.items():
      archive.writestr(name, data)
  return path


def write_tar(path, files, mode="w"):
  with tarfile.open(path, mode) as archive:
    for name, data in files.items():
      member = tarfile.TarInfo(name)
      member.size = len(data)
      archive.addfile(member, io.BytesIO(data))
  return path


def write(kind, path, files):
  if kind == "folder":
    return write_folder(path, files)
  if kind == "zip":
    return write_zip(path, files)
  return write_tar(path, files, {"tar": "w", "tar.gz": "w:gz", "tar.xz": "w:xz"}[kind])


def contents(tree):
  return {name: read_bytes(opener) for name, opener in tree.files(set(tree.names))}


@pytest.mark.parametrize("kind", ["folder", "zip", "tar", "tar.gz", "tar.xz"])
def test_every_kind_gives_the_same_files(tmp_path, kind):
  tree = open_tree(write(kind, tmp_path / "raw", FILES))
  assert tree.names == ["a/1.png", "b/2.png", "c.txt"]
  assert contents(tree) == FILES
  with tree.open("b/2.png") as stream:
    assert stream.read() == b"two"


@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
def test_hidden_files_are_passed_over(tmp_path, kind):
  files = {"a.png": b"1", "._a.png": b"2", "__MACOSX/a.png": b"3", ".git/b.png": b"4"}
  assert open_tree(write(kind, tmp_path / "raw", files)).names == ["a.png"]


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize(
  ("name", "reason"),
  [
    ("../evil.png", "climbs out"),
    ("a/../../evil.png", "climbs out"),
    ("..\\evil.png", "climbs out"),
    ("/etc/evil.png", "absolute"),
    ("C:\\evil.png", "absolute"),
  ],
)
def test_paths_that_leave_the_archive_are_refused(tmp_path, kind, name, reason):
  tree = open_tree(write(kind, tmp_path / "raw", {"a.png": b"1", name: b"2"}))
  assert tree.names == ["a.png"]
  ((member, problem),) = tree.refused.items()
  assert member == name.replace("\\", "/")
  assert reason in problem


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path, kind):
  with tarfile.open(tmp_path / "raw.tar", "w") as archive:
    member = tarfile.TarInfo("evil.png")
    member.type, member.linkname = kind, "/etc/passwd"
    archive.addfile(member)
  tree = open_tree(tmp_path / "raw.tar")
  assert tree.names == []
  assert list(tree.refused) == ["evil.png"]


def test_a_symlink_in_a_zip_is_refused(tmp_path):
  with zipfile.ZipFile(tmp_path / "raw.zip", "w") as archive:
    member = zipfile.ZipInfo("evil.png")
    member.external_attr = 0o120777 << 16  # S_IFLNK
    archive.writestr(member, "/etc/passwd")
  assert open_tree(tmp_path / "raw.zip").refused == {"evil.png": "a link"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_name_that_occurs_twice_is_refused(tmp_path, kind):
  if kind == "zip":
    with zipfile.ZipFile(tmp_path / "raw", "w") as archive:
      archive.writestr("a.png", b"1")
      archive.writestr("a.png", b"2")
  else:
    with tarfile.open(tmp_path / "raw", "w") as archive:
      archive.addfile(tarfile.TarInfo("a.png"))
      archive.addfile(tarfile.TarInfo("./a.png"))
  assert open_tree(tmp_path / "raw").refused == {"a.png": "the name occurs twice"}


def test_names_with_odd_bytes_on_disk_can_be_read(tmp_path):
  (tmp_path / os.fsdecode(b"a\xff.png")).write_bytes(b"1")
  (tmp_path / "b\\c.png").write_bytes(b"2")
  assert contents(open_tree(tmp_path)) == {"a�.png": b"1", "b/c.png": b"2"}


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.xz"])
def test_an_archive_cut_short_is_no_whole_archive(tmp_path, kind):
  data = os.urandom(20_000)
  path = write(kind, tmp_path / f"raw.{kind}", {"a.png": data, "b.png": data})
  path.write_bytes(path.read_bytes()[:15_000])
  with pytest.raises(
    UserError, match=rf"raw\.{kind}: (cannot be read to its end|not a zip or tar)"
  ):
    open_tree(path)


def test_a_tar_damaged_in_its_middle_does_not_end_there(tmp_path):
  path = write_tar(tmp_path / "raw.tar", {"a.png": b"1", "b.png": b"2"})
  data = bytearray(path.read_bytes())
  data[1024:1100] = b"x" * 76  # the second member's header: 512 bytes of header, 512 of data
  path.write_bytes(data)
  with pytest.raises(UserError, match="damaged header at byte 1,024"):
    open_tree(path)


def test_an_encrypted_member_cannot_be_read(tmp_path):
  path = write_zip(tmp_path / "raw.zip", {"a.png": b"1"})
  data = bytearray(path.read_bytes())
  data[6] |= 1  # the flag in the local header …
  data[data.index(b"PK\x01\x02") + 8] |= 1  # … and in the central directory
  path.write_bytes(data)
  with pytest.raises(ItemError, match="encrypted"):
    contents(open_tree(path))


def test_a_member_beyond_all_measure_is_refused(tmp_path, monkeypatch):
  monkeypatch.setattr(archives, "MAX_FILE_BYTES", 2**20)
  tree = open_tree(write_zip(tmp_path / "raw.zip", {"a.png": bytes(2**20 + 1)}))
  with pytest.raises(ItemError, match="larger than 1 MiB"):
    contents(tree)


def test_a_source_that_does_not_exist_is_named(tmp_path):
  with pytest.raises(UserError, match=r"nowhere does not exist"):
    open_tree(tmp_path / "nowhere")


def test_an_empty_file_is_named(tmp_path):
  (tmp_path / "raw.zip").touch()
  with pytest.raises(UserError, match=r"raw\.zip: the file is empty"):
    open_tree(tmp_path / "raw.zip")


def test_any_other_file_is_no_tree(tmp_path):
  (tmp_path / "a.csv").write_text("emotion,pixels,Usage\n")
  assert open_tree(tmp_path / "a.csv") is None


def test_the_state_changes_with_the_contents(tmp_path):
  write_folder(tmp_path, FILES)
  before = archives.state_of(tmp_path)
  assert archives.state_of(tmp_path) == before
  pathlib.Path(tmp_path / "a/1.png").write_bytes(b"other")
  assert archives.state_of(tmp_path) != before


def test_the_state_is_of_what_links_lead_to_and_of_no_hidden_file_or_place(tmp_path):
  write_folder(tmp_path / "pool", {"1.png": b"1"})
  (tmp_path / "raw").mkdir()
  (tmp_path / "raw" / "cat").symlink_to(tmp_path / "pool")
  before = archives.state_of(tmp_path / "raw")
  (tmp_path / "raw" / ".DS_Store").write_bytes(b"finder")
  (tmp_path / "raw").rename(tmp_path / "moved")
  assert archives.state_of(tmp_path / "moved") == before
  (tmp_path / "pool" / "2.png").write_bytes(b"2")
  assert archives.state_of(tmp_path / "moved") != before


def test_the_state_of_a_file_is_that_of_the_file_a_link_leads_to(tmp_path, monkeypatch):
  (tmp_path / "a.csv").write_text("rows")
  (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
  before = archives.state_of(tmp_path / "link.csv")
  monkeypatch.chdir(tmp_path)
  assert archives.state_of(pathlib.Path("link.csv")) == before
  (tmp_path / "a.csv").write_text("more rows")
  assert archives.state_of(tmp_path / "link.csv") != before


@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
def test_files_without_number_are_refused(tmp_path, monkeypatch, kind):
  path = write(kind, tmp_path / "raw", FILES)
  monkeypatch.setattr(archives, "MAX_FILES", 3)
  assert len(open_tree(path).names) == 3
  monkeypatch.setattr(archives, "MAX_FILES", 2)
  with pytest.raises(UserError, match="raw: more than 2 files"):
    open_tree(path)
