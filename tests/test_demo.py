import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
from untrained_run import write_checkpoints

from dcgan_jax.demo import demo
from dcgan_jax.errors import UserError
from dcgan_jax.exporting.onnxruntime_web import read_runtime

# Whoever runs the tests in a shell's background has Ctrl-C ignored, in what they start too.
HEARING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
  """A run with checkpoints at steps 2 and 4."""
  workdir = tmp_path_factory.mktemp("run")
  write_checkpoints(workdir, [2, 4], model="cgan")
  return workdir


@pytest.fixture
def command(tmp_path):
  """Starts the command on a free port; gives the process and the address that it tells."""
  started = []

  def start(*arguments):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    line = [sys.executable, "-c", HEARING, "-m", "dcgan_jax.demo", "--port=0", *arguments]
    process = subprocess.Popen(
      line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    started.append(process)
    told = process.stdout.readline()
    match = re.match(r"(http://127\.0\.0\.1:\d+/)  \(Ctrl-C ends it\)$", told)
    assert match, told + process.communicate()[1]
    return process, match[1]

  yield start
  for process in started:
    process.kill()
    process.communicate()


def fetch(address):
  with urllib.request.urlopen(address) as response:
    return response.read()


def needs_runtime():
  pytest.importorskip("onnx")
  try:
    read_runtime(None)
  except UserError:
    pytest.skip("ONNX Runtime Web is not in the cache, and npm cannot fetch it")


def test_a_run_is_shown_until_it_is_interrupted(workdir, command, tmp_path):
  needs_runtime()
  process, address = command(f"--workdir={workdir}", "--step=2", "--ema")
  assert b"Synthetic faces" in fetch(address)
  assert b"synthetic" in fetch(address + "README.md")  # the model card, which the page links to
  model = json.loads(fetch(address + "model.json"))
  assert (model["step"], model["class_names"]) == (2, ["angry", "happy", "sad"])
  (folder,) = pathlib.Path(tmp_path).glob("dcgan_jax_demo_*")
  process.send_signal(signal.SIGINT)
  said, complained = process.communicate()
  assert said == ""
  assert complained.endswith(".\n\n")  # the export's last sentence, and no more than a new line
  assert process.returncode == 0
  assert not folder.exists()


def test_sigterm_ends_it_too(command, tmp_path):
  (tmp_path / "page").mkdir()
  (tmp_path / "page" / "index.html").write_text("a page")
  process, address = command(f"--folder={tmp_path / 'page'}")
  assert fetch(address) == b"a page"
  process.terminate()
  assert process.communicate() == ("", "\n")
  assert process.returncode == 0
  assert (tmp_path / "page" / "index.html").exists()


def test_a_port_that_is_taken_is_told_before_anything_is_exported(workdir):
  with socket.create_server(("127.0.0.1", 0)) as taken:
    port = taken.getsockname()[1]
    with pytest.raises(UserError, match=rf"--port={port}: .*in use.*--port=0"):
      demo([f"--workdir={workdir}", f"--port={port}"])


@pytest.mark.parametrize(
  ("arguments", "words"),
  [
    (["--workdir={tmp}/none"], "no such folder"),
    (["--workdir={workdir}", "--step=3"], "no checkpoint of step 3; there are 2, 4"),
    (["--workdir={workdir}", "--runtime={tmp}"], r"--runtime=.*: no ort.wasm.min.mjs in it"),
    (["--folder={tmp}", "--ema"], "--ema, --step and --runtime are for --workdir"),
    (["--folder={tmp}"], r"no page in it. Write one:\n  python -m dcgan_jax.export"),
  ],
)
def test_a_mistake_is_named(workdir, tmp_path, arguments, words):
  filled = [argument.format(workdir=workdir, tmp=tmp_path) for argument in arguments]
  with pytest.raises(UserError, match=words):
    demo(["--port=0", *filled])


def test_a_run_or_a_folder_is_needed_and_not_both(capsys):
  for arguments in ([], ["--workdir=a", "--folder=b"]):
    with pytest.raises(SystemExit) as ended:
      demo(arguments)
    assert ended.value.code == 2
  assert "--workdir" in capsys.readouterr().err
