"""Shows a trained generator in the browser: choose expressions, drag sliders, roll new faces.

The page is the one that --format=web of the export writes, served to this machine alone. It is
served until Ctrl-C or SIGTERM: that is how it is meant to end, and so the exit code is 0.
"""

import argparse
import contextlib
import pathlib
import sys
import tempfile
from collections.abc import Iterator, Sequence

from dcgan_jax.errors import EXIT_OK, UserError, run_command
from dcgan_jax.exporting.local_server import LocalServer
from dcgan_jax.help_page import add_help, command_parser
from dcgan_jax.startup import prepare_process
from dcgan_jax.whole_number import whole_number

_EXAMPLES = """examples:
  python -m dcgan_jax.demo --workdir=runs/ex2
  python -m dcgan_jax.demo --workdir=runs/projection_fer2013 --ema --port=0
  python -m dcgan_jax.demo --folder=page  # as --format=web has written it

The first page needs ONNX Runtime Web, which npm fetches; it is kept, and no other page needs a
network. Nothing leaves this machine, and other machines cannot open the page.
"""


def _parser() -> argparse.ArgumentParser:
  parser = command_parser("demo", "[--workdir=RUN | --folder=DIR] [options]", __doc__, _EXAMPLES)
  add = parser.add_argument
  which = parser.add_mutually_exclusive_group(required=True)
  which.add_argument("--workdir", type=pathlib.Path, metavar="RUN", help="a run's folder")
  which.add_argument("--folder", type=pathlib.Path, metavar="DIR", help="an exported page's folder")
  add("--ema", action="store_true", help="the averaged weights: cleaner, less varied")
  add("--step", type=int, metavar="N", help="which checkpoint (default: the newest)")
  add(
    "--runtime",
    type=pathlib.Path,
    metavar="DIR",
    help="the onnxruntime-web package, unpacked, where npm cannot fetch it",
  )
  add(
    "--port",
    type=whole_number(0, 65535),
    default=8000,
    metavar="N",
    help="of the page's address (default 8000); 0 for any that is free",
  )
  add_help(parser)
  return parser


def demo(arguments: Sequence[str]) -> int:
  """Runs the command on its arguments (without the program's name) and returns the exit code.

  Raises:
    UserError: no such checkpoint or page, no ONNX Runtime Web, or a port that cannot be had.
  """
  options = _parser().parse_args(arguments)
  if options.folder and (options.ema or options.step is not None or options.runtime):
    raise UserError("--ema, --step and --runtime are for --workdir: a page is as it was exported.")
  with _folder(options) as folder, _server(folder, options.port) as server:
    if options.workdir:
      _export(options, folder)
    try:
      # To standard output, and at once: who started this by a program wants to read it.
      print(f"{server.address}  (Ctrl-C ends it)", flush=True)
      server.serve_forever()
    except KeyboardInterrupt:  # run_command makes one of SIGTERM
      print(file=sys.stderr)
  return EXIT_OK


@contextlib.contextmanager
def _folder(options: argparse.Namespace) -> Iterator[pathlib.Path]:
  """What is served: the folder given, or one to export to, deleted in the end."""
  if options.folder is None:
    with tempfile.TemporaryDirectory(prefix="dcgan_jax_demo_") as temporary:
      yield pathlib.Path(temporary) / "page"
  elif (options.folder / "index.html").is_file():
    yield options.folder
  else:
    raise UserError(
      f"--folder={options.folder}: no page in it. Write one:\n"
      f"  python -m dcgan_jax.export --workdir=RUN --format=web --out={options.folder}"
    )


def _server(folder: pathlib.Path, port: int) -> LocalServer:
  try:
    return LocalServer(folder, port)
  except OSError as error:
    raise UserError(
      f"--port={port}: {error.strerror or error}. Name another one, or any that is free:  --port=0"
    ) from error


def _export(options: argparse.Namespace, out: pathlib.Path) -> None:
  prepare_process()
  from dcgan_jax.exporting import folder  # jax loads only once the flags are sound

  try:
    folder.write(argparse.Namespace(**vars(options) | {"format": "web"}), out)
  except OSError as error:
    raise UserError(f"{error.filename or out}: {error.strerror or error}.") from error


if __name__ == "__main__":
  run_command("demo", lambda: demo(sys.argv[1:]))
