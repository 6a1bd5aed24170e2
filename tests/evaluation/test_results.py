import errno
import fcntl
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from dcgan_jax.errors import UserError
from dcgan_jax.evaluation.protocol import Score
from dcgan_jax.evaluation.results import Results

SUBJECT = {"step": 5, "generator": "raw"}
REQUEST = {"metric": "fid", "num": 981, "seed": 0}
FID = Score("fid981_train", 12.5, 981, note="a note", details={"sizes": [1, 2]})


def metrics(rows):
  return [row["metric"] for row in rows]


def test_what_was_done_is_found_after_a_restart(tmp_path):
  path = tmp_path / "runs" / "evaluation.jsonl"
  written = Results(path).append(SUBJECT, REQUEST, [FID], {})
  (found,) = Results(path).find(SUBJECT, REQUEST)
  assert [found] == written
  assert found["value"] == 12.5
  assert found["details"] == {"sizes": [1, 2]}
  assert found["subject"] == SUBJECT
  assert "dcgan_jax" in found


def test_it_is_found_without_a_restart_too(tmp_path):
  results = Results(tmp_path / "evaluation.jsonl")
  results.append(SUBJECT, REQUEST, [FID], {})
  assert metrics(results.find(SUBJECT, REQUEST)) == ["fid981_train"]


@pytest.mark.parametrize(
  ("subject", "request_"),
  [(SUBJECT | {"step": 6}, REQUEST), (SUBJECT | {"generator": "ema"}, REQUEST)]
  + [(SUBJECT, REQUEST | changed) for changed in ({"metric": "kid"}, {"num": 10}, {"seed": 1})],
)
def test_another_subject_or_request_has_not_been_done(tmp_path, subject, request_):
  results = Results(tmp_path / "evaluation.jsonl")
  results.append(SUBJECT, REQUEST, [FID], {})
  assert results.find(subject, request_) == []


def test_every_row_is_a_line(tmp_path):
  path = tmp_path / "evaluation.jsonl"
  results = Results(path)
  results.append(SUBJECT, REQUEST, [FID, Score("fid_infinity", 11.0, 981)], {})
  results.append(SUBJECT, REQUEST | {"seed": 1}, [FID], {})
  lines = path.read_text().splitlines()
  assert metrics(map(json.loads, lines)) == ["fid981_train", "fid_infinity", "fid981_train"]


def test_what_could_not_be_had_is_a_null_and_counts_as_done(tmp_path):
  path = tmp_path / "evaluation.jsonl"
  refused = Score("kid3_train", None, 3, note="needs at least 4 images")
  Results(path).append(SUBJECT, REQUEST, [refused], {})
  (row,) = Results(path).find(SUBJECT, REQUEST)
  assert row["value"] is None
  assert row["note"] == "needs at least 4 images"


def test_what_else_is_noted_stands_in_every_row(tmp_path):
  results = Results(tmp_path / "evaluation.jsonl")
  results.append(SUBJECT, REQUEST, [FID, FID], {"weights_file_sha256": "ab"})
  assert [row["weights_file_sha256"] for row in results.find(SUBJECT, REQUEST)] == ["ab", "ab"]


def test_a_request_cut_short_between_its_rows_has_not_been_done(tmp_path):
  path = tmp_path / "evaluation.jsonl"
  scores = [Score(f"part{i}", float(i), 1) for i in range(3)]
  Results(path).append(SUBJECT, REQUEST, scores, {})
  lines = path.read_text().splitlines(keepends=True)
  path.write_text("".join(lines[:2]))
  results = Results(path)
  assert results.find(SUBJECT, REQUEST) == []
  results.append(SUBJECT, REQUEST, scores, {})
  assert metrics(Results(path).find(SUBJECT, REQUEST)) == ["part0", "part1", "part2"]


def test_of_two_jobs_that_take_one_score_only_the_first_writes_it(tmp_path):
  path = tmp_path / "evaluation.jsonl"
  first, second = Results(path), Results(path)
  assert second.find(SUBJECT, REQUEST) == []
  first.append(SUBJECT, REQUEST, [FID], {})
  (row,) = second.append(SUBJECT, REQUEST, [Score("fid981_train", 99.0, 981)], {})
  assert row["value"] == FID.value
  assert len(path.read_text().splitlines()) == 1


def test_a_picture_is_not_written(tmp_path):
  path = tmp_path / "evaluation.jsonl"
  (row,) = Results(path).append(
    SUBJECT, REQUEST, [Score("m", 1.0, 2, picture=np.zeros((2, 2, 1), np.uint8))], {}
  )
  assert "picture" not in row
  assert "picture" not in path.read_text()


def test_a_line_cut_short_is_dropped_and_the_next_starts_afresh(tmp_path):
  path = tmp_path / "evaluation.jsonl"
  Results(path).append(SUBJECT, REQUEST, [FID], {})
  whole = path.read_text()
  path.write_text(whole + whole[:40])
  results = Results(path)
  assert len(results.rows) == 1
  results.append(SUBJECT, REQUEST | {"seed": 1}, [FID], {})
  lines = path.read_text().split("\n")
  assert lines[1] == whole[:40]
  assert [row["request"]["seed"] for row in Results(path).rows] == [0, 1]


def test_a_whole_line_that_lacks_only_its_end_counts(tmp_path):
  path = tmp_path / "evaluation.jsonl"
  Results(path).append(SUBJECT, REQUEST, [FID], {})
  path.write_text(path.read_text().rstrip("\n"))
  Results(path).append(SUBJECT, REQUEST | {"seed": 1}, [FID], {})
  assert len(Results(path).rows) == 2


@pytest.mark.parametrize("line", ["[1]", "3", '{"metric": "fid"}', "", "\x00\x00", "not JSON"])
def test_a_line_that_is_no_score_is_passed_over(tmp_path, line):
  path = tmp_path / "evaluation.jsonl"
  path.write_text(line + "\n")
  Results(path).append(SUBJECT, REQUEST, [FID], {})
  assert metrics(Results(path).rows) == ["fid981_train"]


def test_bytes_that_are_no_text_are_passed_over(tmp_path):
  path = tmp_path / "evaluation.jsonl"
  Results(path).append(SUBJECT, REQUEST, [FID], {})
  path.write_bytes(path.read_bytes() + b"\xff\xfe\x80\n")
  assert metrics(Results(path).rows) == ["fid981_train"]


def test_a_folder_is_no_file_of_scores(tmp_path):
  with pytest.raises(UserError, match=f"file of scores {tmp_path}: cannot be read"):
    Results(tmp_path)


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_computed(tmp_path):
  (tmp_path / "file").write_text("")
  with pytest.raises(UserError, match=r"file/evaluation\.jsonl: .*\n.*--out"):
    Results(tmp_path / "file" / "evaluation.jsonl")


def without_locks(monkeypatch, code):
  def refuse(file, operation):
    raise OSError(code, os.strerror(code))

  monkeypatch.setattr("fcntl.flock", refuse)


def test_a_file_that_cannot_be_locked_is_refused_before_anything_is_computed(tmp_path, monkeypatch):
  without_locks(monkeypatch, errno.ENOSYS)
  with pytest.raises(UserError, match=r"/new/scores: .*: Function not implemented\.\n.*--out"):
    Results(tmp_path / "new" / "scores")


def test_a_lock_that_fails_later_is_the_same_message(tmp_path, monkeypatch):
  results = Results(tmp_path / "scores")
  without_locks(monkeypatch, errno.ENOLCK)
  with pytest.raises(UserError, match=r"/scores: .*: No locks available\.\n.*--out"):
    results.append(SUBJECT, REQUEST, [FID], {})


def test_a_file_that_another_job_holds_is_read_without_waiting(tmp_path):
  path = tmp_path / "scores"
  Results(path).append(SUBJECT, REQUEST, [FID], {})
  with path.open("ab") as held:
    fcntl.flock(held, fcntl.LOCK_EX)
    assert metrics(Results(path).rows) == ["fid981_train"]


def test_without_a_path_nothing_is_kept_on_disk():
  results = Results(None)
  results.append(SUBJECT, REQUEST, [FID], {})
  assert metrics(results.find(SUBJECT, REQUEST)) == ["fid981_train"]


def test_two_processes_that_append_do_not_interleave(tmp_path):
  path = tmp_path / "evaluation.jsonl"
  program = (
    "import sys, pathlib\n"
    "from dcgan_jax.evaluation.protocol import Score\n"
    "from dcgan_jax.evaluation.results import Results\n"
    "results = Results(pathlib.Path(sys.argv[1]))\n"
    "print('ready', flush=True)\n"
    "sys.stdin.readline()\n"
    "for i in range(100):\n"
    "  scores = [Score(f'{i}-{j}', 1.0, 1, note=sys.argv[2] * 3000) for j in range(2)]\n"
    "  results.append({'who': sys.argv[2]}, {'i': i}, scores, {})\n"
  )
  processes = [
    subprocess.Popen(
      [sys.executable, "-c", program, str(path), who],
      stdin=subprocess.PIPE,
      stdout=subprocess.PIPE,
      text=True,
    )
    for who in "ab"
  ]
  for process in processes:
    assert process.stdout.readline() == "ready\n"
  for process in processes:
    process.stdin.write("go\n")
    process.stdin.flush()
  assert [process.wait(timeout=60) for process in processes] == [0, 0]
  for process in processes:
    process.stdin.close()
    process.stdout.close()
  rows = Results(path).rows
  assert len(rows) == len(path.read_text().splitlines()) == 400
  for who in "ab":
    mine = [row["metric"] for row in rows if row["subject"] == {"who": who}]
    assert mine == [f"{i}-{j}" for i in range(100) for j in range(2)]


def test_scores_do_not_go_where_a_link_leads(tmp_path):
  (tmp_path / "other").write_text("dear")
  (tmp_path / "evaluation.jsonl").symlink_to(tmp_path / "other")
  with pytest.raises(UserError, match=r"evaluation\.jsonl: is a link"):
    Results(tmp_path / "evaluation.jsonl")
  assert (tmp_path / "other").read_text() == "dear"
