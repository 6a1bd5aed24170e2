import pytest

from dcgan_jax.checkpoints import CheckpointError, DamagedError
from dcgan_jax.errors import UserError
from dcgan_jax.intact import newest_intact


def whole_but(*damaged):
  def use(step):
    if step in damaged:
      raise DamagedError(f"{step} is damaged: cut short")
    return f"of {step}"

  return use


def test_the_newest_is_taken_without_a_word(tmp_path, capsys):
  assert newest_intact(tmp_path, [4, 8, 12], whole_but(4)) == ("of 12", [])
  assert capsys.readouterr().err == ""


def test_damaged_ones_are_passed_over_each_named_with_the_next(tmp_path, capsys):
  assert newest_intact(tmp_path, [4, 8, 12000], whole_but(8, 12000)) == ("of 4", [12000, 8])
  assert capsys.readouterr().err == (
    "12000 is damaged: cut short\nGoing back to the checkpoint before it, of step 8.\n"
    "8 is damaged: cut short\nGoing back to the checkpoint before it, of step 4.\n"
  )


def test_nothing_begins_anew_where_all_are_damaged(tmp_path, capsys):
  with pytest.raises(UserError) as caught:
    newest_intact(tmp_path, [4, 8], whole_but(4, 8))
  assert str(caught.value) == (
    f"{tmp_path}: there are checkpoints, but none is whole:\n- 8 is damaged: cut short\n"
    "- 4 is damaged: cut short\nTo begin anew, name another --workdir, or move this one away."
  )


def test_no_checkpoints_are_none_that_is_damaged(tmp_path):
  with pytest.raises(UserError, match=f"^{tmp_path}: no checkpoint there"):
    newest_intact(tmp_path, [], whole_but())


def test_other_mistakes_are_not_passed_over(tmp_path):
  def use(step):
    raise CheckpointError(f"{step} is of a diverged run")

  with pytest.raises(CheckpointError, match="8 is of a diverged run"):
    newest_intact(tmp_path, [4, 8], use)
