"""The files of a folder, a zip or a tar, read one by one; nothing is ever extracted to disk."""

import contextlib
import functools
import hashlib
import lzma
import os
import pathlib
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO

from dcgan_jax.data.archive_headers import SafeTarInfo, check_apart
from dcgan_jax.data.decode import ItemError
from dcgan_jax.data.folder_walk import special_file, walk
from dcgan_jax.errors import UserError
from dcgan_jax.waiting import counted

# No photograph is larger; a member that is would fill the memory.
MAX_FILE_BYTES = 256 * 2**20
# Ten times CelebA's; an archive of a few megabytes can list any number.
MAX_FILES = 2_000_000

# ValueError is tarfile's for numbers that are none, RecursionError for headers of headers.
_BROKEN = (
  OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, ValueError,
  RecursionError,
)  # fmt: skip

Opener = Callable[[], IO[bytes]]


class Tree:
  """A folder, zip or tar as a list of relative file names, and their bytes in one pass.

  Attributes:
    path: where it lies.
    names: the regular files' names with forward slashes, sorted; without hidden files.
    refused: name → reason, for members that no honest archive needs (absolute or climbing
      paths, links, devices).
  """

  def __init__(self, path: pathlib.Path):
    self.path = path
    self.names: list[str] = []
    self.refused: dict[str, str] = {}
    self._seen: set[str] = set()
    with self._reading():
      for name, problem in counted(self._list(), f"listing {path.name}", " files"):
        self._admit(name, problem)
    self.names = sorted(self._seen - self.refused.keys())

  def files(self, wanted: set[str]) -> Iterator[tuple[str, Opener]]:
    """Yields (name, opener) in whatever order is cheap; open one before asking for the next."""
    with self._reading():
      yield from self._files(wanted)

  @contextlib.contextmanager
  def open(self, name: str) -> Iterator[IO[bytes]]:
    """Opens one file as a stream.

    Raises:
      UserError: the archive is damaged before or inside the file.
    """
    with self._reading():
      for _, opener in self._files({name}):
        with opener() as stream:
          yield stream
        return

  def _list(self) -> Iterator[tuple[str, str | None]]:
    raise NotImplementedError

  def _files(self, wanted: set[str]) -> Iterator[tuple[str, Opener]]:
    raise NotImplementedError

  def _admit(self, name: str, problem: str | None) -> None:
    name = _slashes(name)
    problem = problem or _path_problem(name)
    if not problem and not _is_hidden(name):
      problem = "the name occurs twice" if name in self._seen else None
      self._seen.add(name)
    if problem:
      self.refused[name] = problem
    if len(self._seen) + len(self.refused) > MAX_FILES:
      raise UserError(f"{self.path.name}: more than {MAX_FILES:,} files, which no data set has.")

  @contextlib.contextmanager
  def _reading(self) -> Iterator[None]:
    try:
      yield
    except _BROKEN as error:
      reason = str(error) or type(error).__name__
      raise UserError(
        f"{self.path.name}: cannot be read to its end: {reason}.\n"
        "The file may be cut short: fetch or copy it again."
      ) from error


class _Folder(Tree):
  def _list(self) -> Iterator[tuple[str, str | None]]:
    # A name on disk may hold bytes that are no UTF-8, or a backslash: keep the path it came from.
    self._paths: dict[str, str] = {}
    for name, full in walk(self.path):
      self._paths[_slashes(name)] = full
      yield name, special_file(full)

  def _files(self, wanted: set[str]) -> Iterator[tuple[str, Opener]]:
    for name in self.names:
      if name in wanted:
        yield name, functools.partial(_open_file, self._paths[name])


class _Zip(Tree):
  def _list(self) -> Iterator[tuple[str, str | None]]:
    with zipfile.ZipFile(self.path) as archive:
      check_apart(archive.infolist())
      for member in archive.infolist():
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        if is_link or not member.is_dir():
          yield member.filename, "a link" if is_link else None

  def _files(self, wanted: set[str]) -> Iterator[tuple[str, Opener]]:
    with zipfile.ZipFile(self.path) as archive:
      members = {_slashes(member.filename): member for member in archive.infolist()}
      for name in self.names:
        if name in wanted:
          yield name, functools.partial(archive.open, members[name])


class _Tar(Tree):
  def _list(self) -> Iterator[tuple[str, str | None]]:
    for _, member in self._members():
      if member.issym() or member.islnk():
        yield member.name, f"a link to {member.linkname}"
      elif not member.isdir():
        yield member.name, None if member.isreg() else "a device or pipe"

  def _files(self, wanted: set[str]) -> Iterator[tuple[str, Opener]]:
    members = self._members()
    if len(wanted) == 1:  # whoever wants one waits for those before it
      members = counted(members, f"looking for {min(wanted)} in {self.path.name}", " files")
    for archive, member in members:
      name = _slashes(member.name)
      if member.isreg() and name in wanted:
        yield name, functools.partial(_extract, archive, member)

  def _members(self) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    with tarfile.open(self.path, "r:*", tarinfo=SafeTarInfo) as archive:
      while (member := archive.next()) is not None:
        if member.size < 0:  # tarfile would go back, and come here again
          raise tarfile.ReadError(f"a member of {member.size:,} bytes")
        yield archive, member
        # tarfile remembers every member it passed, 1 KB each; one pass needs none of them.
        archive.members.clear()  # type: ignore[attr-defined]
      # tarfile takes a damaged header for the end; a real end is a block of zeros, or nothing.
      archive.fileobj.seek(archive.offset)
      if archive.fileobj.read(512).strip(b"\0"):
        raise tarfile.ReadError(f"a damaged header at byte {archive.offset:,}")


def open_tree(path: pathlib.Path) -> Tree | None:
  """The tree at a path, or None where it is neither folder, zip nor tar.

  Raises:
    UserError: nothing there, an empty file, or a damaged archive.
  """
  if not path.exists():
    raise UserError(f"source {path} does not exist.\nName the download's file or folder.")
  if path.is_dir():
    return _Folder(path)
  if not path.is_file():
    raise UserError(f"source {path} is neither a file nor a folder.")
  try:
    if path.stat().st_size == 0:
      raise UserError(f"{path.name}: the file is empty.\nFetch or copy it again.")
    if zipfile.is_zipfile(path):
      return _Zip(path)
    if _is_tar(path):
      return _Tar(path)
  except _BROKEN as error:
    raise UserError(f"source {path} cannot be read: {error}.") from error
  if re.search(r"\.(zip|tar|tgz|gz|bz2|xz)$", path.name.lower()):
    raise UserError(
      f"{path.name}: not a zip or tar that can be read, in spite of its name.\n"
      "The file may be cut short: fetch or copy it again."
    )
  return None


def state_of(path: pathlib.Path, *beside: pathlib.Path) -> str:
  """A digest of the names, sizes and times of the files that a Tree reads.

  Files that are read through links are looked at where they are. Moving the whole changes nothing;
  a file that is written anew does, whatever is in it.

  Args:
    path: the source, a file or a folder.
    beside: files elsewhere that belong to it.

  Raises:
    OSError: one of them cannot be looked at.
  """
  digest = hashlib.sha256()
  found = counted(walk(path), f"listing {path.name}", " files") if path.is_dir() else None
  inside = [("", str(path))] if found is None else sorted(found)
  files = [*inside, *((file.name, str(file)) for file in beside)]
  for name, full in counted(files, f"looking at {path.name}", " files"):
    if name and _is_hidden(_slashes(name)):
      continue
    status = os.stat(full) if os.path.exists(full) else os.lstat(full)  # a dangling link's own
    line = f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n"
    digest.update(line.encode(errors="surrogateescape"))
  return digest.hexdigest()[:16]


def read_bytes(opener: Opener) -> bytes:
  """The whole of one file of a tree.

  Raises:
    ItemError: it cannot be read, or is larger than MAX_FILE_BYTES.
  """
  try:
    with opener() as stream:
      data = stream.read(MAX_FILE_BYTES + 1)
  except (*_BROKEN, RuntimeError, NotImplementedError) as error:
    # RuntimeError is zipfile's for encryption, NotImplementedError its for compression methods.
    raise ItemError(f"cannot be read: {error}") from error
  if len(data) > MAX_FILE_BYTES:
    raise ItemError(f"larger than {MAX_FILE_BYTES // 2**20} MiB, no photograph")
  return data


def _open_file(path: str) -> IO[bytes]:
  return pathlib.Path(path).open("rb")


def _is_tar(path: pathlib.Path) -> bool:
  try:
    tarfile.open(path, "r:*", tarinfo=SafeTarInfo).close()
  except tarfile.ReadError:
    return False
  return True


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
  stream = archive.extractfile(member)
  assert stream is not None, "extractfile gives a stream for every regular member"
  return stream


def _slashes(name: str) -> str:
  """The name with forward slashes and without './'; some archives from Windows keep theirs."""
  name = name.replace("\\", "/").removeprefix("./")
  return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if name else name


def _path_problem(name: str) -> str | None:
  if name.startswith("/") or re.match(r"[A-Za-z]:", name):
    return "an absolute path"
  return "a path that climbs out of the archive" if ".." in name.split("/") else None


def _is_hidden(name: str) -> bool:
  """Finder's and editors' droppings: `._face.jpg` has an image's name and none of its bytes."""
  return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))
