import json
import os
import shutil

import pytest
from hand_made import SESSION, config_of, logged, scored, write_lines, write_picture, write_run

from dcgan_jax.reporting.run_files import count, read_run
from dcgan_jax.workdir_lock import sole_trainer


@pytest.fixture
def workdir(tmp_path):
  return write_run(tmp_path / "a")


def test_a_whole_workdir_is_read_and_nothing_is_missing(workdir):
  run = read_run(workdir)
  assert run.name == "a"
  assert (run.config["batch_size"], run.batch_size, run.run["total_steps"]) == (8, 8, 12)
  assert run.metrics == [logged(4), logged(8, discriminator_loss=0.25)]
  assert [row["value"] for row in run.scores] == [80.0, 40.0, 0.0125, 0.97]
  assert [step for step, _ in run.samples[""]] == [3, 6, 9]
  assert run.samples["_ema"][0][1].name == "00000003_ema.png"
  assert [(step, what) for step, what, _ in run.pairs] == [(9, "raw memorization pixels16 train")]
  assert (run.checkpoints, run.step, run.ended, run.training) == ([6, 9], 9, None, False)
  assert run.missing == []


def test_a_finished_run_is_read(finished):
  _, workdir = finished
  run = read_run(workdir)
  assert run.missing == []
  assert (run.step, run.ended, run.run["total_steps"]) == (12, "finished", 12)
  assert [row["step"] for row in run.metrics] == [4, 8, 12]
  assert run.checkpoints[-1] == 12


def test_an_empty_folder_is_a_run_of_which_everything_is_missing(tmp_path):
  run = read_run(tmp_path)
  assert (run.step, run.config, run.run["sessions"], run.ended) == (0, {}, [], None)
  assert run.missing == [
    "config.json is missing: what was run is not known.",
    "run.json is missing: where it ran, and how far it is to go, is not known.",
    "metrics.jsonl is missing: the curves have no points.",
    "samples/: no pictures yet.",
    "checkpoints/: none yet, so nothing to resume, sample or score.",
  ]
  assert read_run(tmp_path / "nowhere").missing == run.missing


def test_a_run_has_the_name_it_is_given_or_its_folders(workdir, monkeypatch):
  assert read_run(workdir, "x/a").name == "x/a"
  monkeypatch.chdir(workdir)
  assert read_run(type(workdir)(".")).name == "a"
  assert read_run(workdir, "a\x1b\udcff").name == r"a\x1b\udcff"


@pytest.mark.parametrize("name", ["config.json", "run.json"])
@pytest.mark.parametrize(
  ("content", "reason"),
  [
    (b"", "Expecting value"),
    (b"{", "Expecting property name"),
    (b"\xff\xfe\x00", "'utf-16-le' codec"),
    (b"\xff", "'utf-8' codec can't decode"),
    (b"[1]", "no JSON object"),
    (b"[" * 100_000, "no JSON object"),
    (b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", "too many lists in lists"),
    (b'{"a": ' + b'{"a":' * 100 + b"1" + b"}" * 101, "too many lists in lists"),
    (b'{"a": "' + b"a" * 2**20 + b'"}', "no JSON object"),
    (b'{"a": 1' + b"0" * 5000 + b"}", "Exceeds the limit"),
  ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(workdir, name, content, reason):
  (workdir / name).write_bytes(content)
  (line,) = read_run(workdir).missing
  assert line.startswith(f"{name} cannot be read ({reason}")


@pytest.mark.parametrize("name", ["config.json", "run.json", "metrics.jsonl", "evaluation.jsonl"])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_what_is_no_file_is_not_waited_for(workdir, name, make):
  (workdir / name).unlink()
  make(workdir / name)
  (line,) = read_run(workdir).missing
  assert line.startswith(f"{name} cannot be read (not a file)")


@pytest.mark.parametrize("name", ["samples", "checkpoints", "evaluation"])
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: os.symlink("nowhere", path)])
def test_a_folder_that_is_none_has_nothing_in_it(workdir, name, make):
  shutil.rmtree(workdir / name)
  make(workdir / name)
  missing = read_run(workdir).missing
  assert [line.partition(":")[0] for line in missing] == (
    [] if name == "evaluation" else [f"{name}/"]
  )


@pytest.mark.parametrize(
  "line", ["", "{", "[1]", "5", "null", '{"loss": 1}', '{"step": true}', '{"step": -1}',
           '{"step": 4.0}', '{"step": "4"}', '{"step": 1e99}', '{"step": 10000000000000}',
           '{"step": NaN}'],
)  # fmt: skip
def test_lines_of_metrics_that_no_run_wrote_are_counted_and_left_out(workdir, line):
  sound = (workdir / "metrics.jsonl").read_text()
  (workdir / "metrics.jsonl").write_text(f"{line}\n{sound}")
  run = read_run(workdir)
  assert [row["step"] for row in run.metrics] == [4, 8]
  assert run.missing == ["metrics.jsonl: 1 of 3 lines are damaged, and left out."]


def test_a_line_cut_short_is_counted_too(workdir):
  text = (workdir / "metrics.jsonl").read_text()
  (workdir / "metrics.jsonl").write_text(text[:-5])
  run = read_run(workdir)
  assert [row["step"] for row in run.metrics] == [4]
  assert run.missing == [
    "metrics.jsonl: 1 of 2 lines are damaged, and left out.",
    "metrics.jsonl has no lines from step 4 to 9.",  # there is a checkpoint of step 9
  ]


def test_binary_metrics_are_damaged_lines(workdir):
  (workdir / "metrics.jsonl").write_bytes(bytes(range(256)) * 40)
  run = read_run(workdir)
  assert run.metrics == []
  assert len(run.missing) == 1
  assert run.missing[0].startswith("metrics.jsonl: ")


def test_no_metrics_yet_are_told(workdir):
  (workdir / "metrics.jsonl").write_text("")
  assert read_run(workdir).missing == ["metrics.jsonl has no lines yet."]


def test_metrics_come_in_the_order_of_steps_and_of_two_the_last(workdir):
  rows = [logged(8), logged(4, generator_loss=1.0), logged(4, generator_loss=3.0)]
  write_lines(workdir / "metrics.jsonl", rows)
  assert [(r["step"], r["generator_loss"]) for r in read_run(workdir).metrics] == [
    (4, 3.0), (8, 2.0),
  ]  # fmt: skip


def gaps(workdir, steps, checkpoint, **config):
  """What is said to be missing of a run that logs every 10 steps."""
  (workdir / "config.json").write_text(json.dumps(config_of(log_every=10) | config))
  write_lines(workdir / "metrics.jsonl", map(logged, steps))
  shutil.rmtree(workdir / "checkpoints")
  (workdir / "checkpoints" / str(checkpoint)).mkdir(parents=True)
  (workdir / "checkpoints" / str(checkpoint) / "_CHECKPOINT_METADATA").touch()
  return read_run(workdir).missing


def test_lines_that_were_lost_are_seen_by_their_steps(workdir):
  assert gaps(workdir, [10, 20, 30, 35], 35) == []
  assert gaps(workdir, [20, 50, 60], 60) == [
    "metrics.jsonl has no lines from step 0 to 20, 20 to 50."
  ]
  many = gaps(workdir, range(1020, 1200, 20), 1180)
  assert many == [
    "metrics.jsonl has no lines from step 0 to 1,020, 1,020 to 1,040, 1,040 to 1,060, "
    "1,060 to 1,080, 1,080 to 1,100 and 4 more."
  ]


def test_lines_that_were_lost_at_the_end_are_seen_by_a_checkpoint(workdir):
  assert gaps(workdir, [10, 20], 29) == []
  assert gaps(workdir, [10, 20], 30) == ["metrics.jsonl has no lines from step 20 to 30."]


def test_a_run_that_once_logged_less_often_has_no_gaps(workdir):
  about = {"total_steps": 99, "data": {}, "sessions": [SESSION | {"log_every": 20}, SESSION]}
  (workdir / "run.json").write_text(json.dumps(about))
  assert gaps(workdir, [20, 40, 50, 60], 60) == []


@pytest.mark.parametrize("every", [None, 0, -5, True, "10", 2.5, 10**400])
def test_where_nobody_knows_how_often_it_logs_there_are_no_gaps(workdir, every):
  (workdir / "run.json").unlink()
  assert gaps(workdir, [20, 50], 90, log_every=every) == [
    "run.json is missing: where it ran, and how far it is to go, is not known."
  ]


@pytest.mark.parametrize(
  "odd",
  [
    {"metric": 5}, {"note": None}, {"details": []}, {"subject": None}, {"request": "fid"},
    {"value": "5"}, {"error": []}, {"subject": {"step": True}}, {"subject": {"step": -1}},
    {"subject": {"step": 10**400}}, {"subject": {"step": "9"}},
    {"details": {"a": [[[[[[[[[[]]]]]]]]]]}},
  ],
)  # fmt: skip
def test_scores_that_no_job_wrote_are_counted_and_left_out(workdir, odd):
  rows = [scored("fid16_train", 40.0) | odd, scored("kid16_train", 0.5)]
  write_lines(workdir / "evaluation.jsonl", rows)
  run = read_run(workdir)
  assert [row["metric"] for row in run.scores] == ["kid16_train"]
  assert run.missing == ["evaluation.jsonl: 1 of 2 lines are damaged, and left out."]


@pytest.mark.parametrize("lost", sorted(scored("fid16_train", 1.0).keys() - {"num"}))
def test_a_score_that_lacks_something_is_left_out(workdir, lost):
  row = scored("fid16_train", 40.0)
  del row[lost]
  write_lines(workdir / "evaluation.jsonl", [row])
  assert read_run(workdir).scores == []


def test_a_run_without_scores_misses_nothing(workdir):
  (workdir / "evaluation.jsonl").unlink()
  assert read_run(workdir).missing == []


def test_pictures_come_in_the_order_of_steps_and_are_those_of_samples(workdir):
  for name in ("100000000", "00000012", "99999999", "00000010_other", "1", "٠٠٠٠٠٠٠٧", "9" * 20):
    write_picture(workdir / "samples" / f"{name}.png")
  run = read_run(workdir)
  assert [step for step, _ in run.samples[""]] == [3, 6, 9, 12, 99_999_999, 100_000_000]
  assert sorted(run.samples) == ["", "_ema"]


def test_whatever_calls_itself_a_checkpoint_is_none_unless_it_is_whole(workdir):
  for name in ("٣", "9" * 30, "-1", "1e9", "0012", "10.orbax-checkpoint-tmp-1", "a\n"):
    (workdir / "checkpoints" / name).mkdir()
    (workdir / "checkpoints" / name / "_CHECKPOINT_METADATA").touch()
  (workdir / "checkpoints" / "88").write_bytes(b"")
  (workdir / "checkpoints" / "89").mkdir()
  (workdir / "checkpoints" / "99").symlink_to("99")
  (workdir / "checkpoints" / "77").mkdir()
  os.mkfifo(workdir / "checkpoints" / "77" / "_CHECKPOINT_METADATA")
  assert read_run(workdir).checkpoints == [6, 9]


@pytest.mark.parametrize("odd", [None, 5, "text", [], {"a": 1}, [5, None, []], [[SESSION]]])
def test_a_run_json_of_odd_types_has_no_sessions_and_no_data(workdir, odd):
  (workdir / "run.json").write_text(json.dumps({"data": odd, "sessions": odd}))
  run = read_run(workdir)
  assert run.run["sessions"] == []
  assert isinstance(run.run["data"], dict)


def test_how_it_ended_is_told_by_its_marks(workdir):
  (workdir / "diverged.json").write_text('{"step": 9}')
  assert read_run(workdir).ended == "diverged"
  (workdir / "finished.json").write_text('{"step": 12}')
  run = read_run(workdir)
  assert (run.ended, run.step) == ("finished", 12)


def test_a_finished_run_whose_files_are_gone_has_the_step_of_its_mark(tmp_path):
  (tmp_path / "finished.json").write_text('{"step": 12}')
  assert read_run(tmp_path).step == 12
  (tmp_path / "finished.json").write_text("")
  run = read_run(tmp_path)
  assert (run.ended, run.step) == ("finished", 0)
  assert run.missing[-1].startswith("finished.json cannot be read (")


def test_it_trains_while_somebody_holds_the_lock(workdir):
  with sole_trainer(workdir):
    assert read_run(workdir).training
  assert not read_run(workdir).training


@pytest.mark.parametrize(
  ("value", "expected"),
  [(0, 0), (10**12, 10**12), (10**12 + 1, None), (-1, None), (True, None), (1.0, None),
   ("1", None), (None, None), ([], None), (float("nan"), None)],
)  # fmt: skip
def test_a_count_is_a_whole_number_that_a_run_can_have(value, expected):
  assert count(value) == expected
