from dcgan_jax.classification.progress import Progress


def test_away_from_a_terminal_a_report_is_one_line(capsys):
  progress = Progress(start=100, stop=300, batch_size=8)
  progress.advance(100)
  progress.report(200, {"loss": 1.25, "accuracy": 0.5})
  progress.close()
  lines = capsys.readouterr().err.splitlines()
  assert len(lines) == 1
  assert lines[0].startswith("update 200/300  loss 1.250, right on augmented training images 50.0%")
  assert "images/s" in lines[0]
  assert lines[0].endswith("left")
