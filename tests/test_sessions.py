import datetime
import json

import jax
import pytest

from dcgan_jax import sessions
from dcgan_jax.files import read_json
from dcgan_jax.sessions import listed, note_session, this_command

RECORD = {
  "data": {"fingerprint": "f"}, "config": {"log_every": 100}, "versions": {"jax": "0.10"},
}  # fmt: skip


def noted(workdir):
  return read_json(workdir / "run.json")


def test_a_start_is_noted_with_where_and_when(tmp_path):
  note_session(tmp_path, RECORD, 4, 12)
  run = noted(tmp_path)
  assert (run["total_steps"], run["data"]) == (12, {"fingerprint": "f"})
  (session,) = run["sessions"]
  began = datetime.datetime.fromisoformat(session.pop("began"))
  assert datetime.timedelta(0) <= datetime.datetime.now(datetime.UTC) - began
  processor, cores = session.pop("processor"), session.pop("cores")
  assert processor
  assert cores >= 1
  (device, *_) = devices = jax.devices()
  assert session == {
    "step": 4, "log_every": 100, "command": None, "platform": "cpu",
    "devices": f"{len(devices)} × {device.device_kind}", "processes": 1,
    "versions": {"jax": "0.10"},
  }  # fmt: skip


def test_each_start_is_added_and_the_rest_is_as_of_the_last(tmp_path):
  note_session(tmp_path, RECORD, 0, 12)
  note_session(tmp_path, RECORD | {"data": {"fingerprint": "g"}}, 12, 20)
  run = noted(tmp_path)
  assert [one["step"] for one in run["sessions"]] == [0, 12]
  assert (run["total_steps"], run["data"]) == (20, {"fingerprint": "g"})


def test_of_a_run_that_started_too_often_the_last_starts_are_kept(tmp_path, monkeypatch):
  monkeypatch.setattr(sessions, "_MOST_SESSIONS", 3)
  for step in range(5):
    note_session(tmp_path, RECORD, step, 12)
  assert [one["step"] for one in noted(tmp_path)["sessions"]] == [2, 3, 4]


def test_as_many_starts_as_are_kept_can_be_read_again(tmp_path, monkeypatch):
  # A command of 4,000 characters: none is forgotten because the file has grown too long to read.
  monkeypatch.setattr("sys.orig_argv", ["python", "-m", "dcgan_jax.main", "x" * 4000])
  note_session(tmp_path, RECORD, 0, 12)
  run = noted(tmp_path)
  run["sessions"] *= sessions._MOST_SESSIONS
  (tmp_path / "run.json").write_text(json.dumps(run, indent=2))
  note_session(tmp_path, RECORD, 8, 12)
  steps = [one["step"] for one in noted(tmp_path)["sessions"]]
  assert steps == [0] * (sessions._MOST_SESSIONS - 1) + [8]


@pytest.mark.parametrize(
  "content",
  [
    b"", b"{", b"\xff", b"[]", b"5", b"{}", b'{"sessions": 5}', b'{"sessions": [5, [], null]}',
    b'{"sessions": [{"a": [1]}, {"a": {"b": {}}}]}',
    b'{"sessions": ' + b"[" * 980 + b"]" * 980 + b"}",
    b'{"sessions": [' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"]}",
  ],
)  # fmt: skip
def test_a_damaged_file_is_replaced(tmp_path, content):
  (tmp_path / "run.json").write_bytes(content)
  note_session(tmp_path, RECORD, 8, 12)
  assert [one["step"] for one in noted(tmp_path)["sessions"]] == [8]


def test_what_another_version_noted_of_a_session_stays(tmp_path):
  session = {"began": "long ago", "step": 0, "mood": "good", "versions": {"jax": "0.1"}}
  (tmp_path / "run.json").write_text(json.dumps({"sessions": [session]}))
  note_session(tmp_path, RECORD, 8, 12)
  assert noted(tmp_path)["sessions"][0] == session


def test_a_file_that_cannot_be_written_is_told(tmp_path):
  (tmp_path / "run.json").mkdir()
  with pytest.raises(OSError, match=r"run\.json"):
    note_session(tmp_path, RECORD, 0, 12)


@pytest.mark.parametrize("content", [{}, {"sessions": None}, {"sessions": {"a": {}}}])
def test_where_no_sessions_are_listed_there_are_none(content):
  assert listed(content) == []


@pytest.mark.parametrize(
  ("argv", "command"),
  [
    (["/opt/bin/python3", "-m", "dcgan_jax.main", "--config=configs/ex2.py"],
     "python -m dcgan_jax.main --config=configs/ex2.py"),
    (["python", "-X", "dev", "-m", "dcgan_jax.main", "--workdir=my runs/a", "--config.b=it's"],
     "python -m dcgan_jax.main '--workdir=my runs/a' '--config.b=it'\"'\"'s'"),
    (["python", "-m", "pytest"], None),
    (["python", "dcgan_jax.main"], None),
    (["python", "mine.py"], None),
    ([], None),
  ],
)  # fmt: skip
def test_the_command_is_the_one_that_was_typed(argv, command):
  assert this_command(argv) == command


def test_the_command_is_taken_as_typed_and_not_as_python_sees_it(tmp_path, monkeypatch):
  # sys.argv has the module's file in the place of -m and its name.
  monkeypatch.setattr("sys.orig_argv", ["python3", "-m", "dcgan_jax.main", "--config=a.py"])
  note_session(tmp_path, RECORD, 0, 12)
  assert noted(tmp_path)["sessions"][0]["command"] == "python -m dcgan_jax.main --config=a.py"
