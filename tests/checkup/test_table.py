import pytest

from dcgan_jax.checkup.finding import absent, good, wrong
from dcgan_jax.checkup.table import in_encoding, lines


@pytest.fixture(autouse=True)
def columns(monkeypatch):
  monkeypatch.setenv("COLUMNS", "60")


def test_a_finding_is_a_sign_a_name_and_a_detail():
  assert lines(good("CPU", "2 cores")) == ["  ✓ CPU              2 cores"]


def test_a_long_detail_is_wrapped_under_its_beginning_and_the_command_is_not():
  command = "python -m dcgan_jax.prepare synthetic --data-dir=/a/long/path/to/it"
  # 60 columns, 21 of them before the detail: 39 are left.
  assert lines(wrong("data set", "none that is whole; the built-in faces need none", command)) == [
    "  ✗ data set         none that is whole; the built-in faces",
    "                     need none",
    f"                     → {command}",
  ]


def test_a_path_is_never_broken():
  path = "/" + "a" * 70
  assert lines(good("folder", f"in {path}"))[1].strip() == path


def test_a_long_name_pushes_its_own_detail_only():
  (line,) = lines(good("runs/classifier-of-something", "is well"))
  assert line == "  ✓ runs/classifier-of-something is well"


def test_names_cannot_give_a_terminal_orders():
  assert "\x1b" not in "".join(lines(absent("a\x1b[2Jb", "c\x1b[2Jd", "e\x1b[2Jf")))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "nonsense", None])
def test_other_signs_stand_in_where_the_encoding_lacks_ours(encoding):
  shown = in_encoding(["✓ 48×48", "✗ a", "– b", "→ c …"], encoding)
  assert shown == ["+ 48x48", "! a", "- b", "> c ..."]


def test_utf_8_has_all_signs():
  assert in_encoding(["✓ ✗ – → × …"], "utf-8") == ["✓ ✗ – → × …"]
