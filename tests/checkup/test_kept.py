import pytest

from dcgan_jax.checkup import kept
from dcgan_jax.checkup.finding import State
from dcgan_jax.errors import UserError


@pytest.fixture
def folders(tmp_path, monkeypatch):
  """Where programs and references would be kept."""
  programs, references = tmp_path / "programs", tmp_path / "references"
  monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(programs))
  monkeypatch.setenv("DCGAN_JAX_REFERENCES", str(references))
  return programs, references


def test_folders_are_told_with_what_they_hold(folders):
  for folder in folders:
    (folder / "deep").mkdir(parents=True)
    (folder / "a").write_bytes(b"x" * 1024)
    (folder / "deep" / "b").write_bytes(b"x" * 512)
  programs, references = kept.findings(None)
  assert programs.detail == f"compiled: {folders[0]}, 1.5 KiB in 2 files"
  assert references.detail.endswith(f"{folders[1]}, 1.5 KiB in 2 files")
  assert programs.state is references.state is State.GOOD


def test_what_is_not_there_yet_is_not_made(folders):
  for line, folder in zip(kept.findings(None), folders, strict=True):
    assert line.state is State.ABSENT
    assert str(folder) in line.detail
    assert not folder.exists()


def test_a_link_that_leads_nowhere_is_a_file(folders):
  folders[0].mkdir()
  (folders[0] / "link").symlink_to("/nowhere")
  assert next(kept.findings(None)).detail.endswith("in 1 files")


def test_an_address_is_a_mistake(folders, monkeypatch):
  monkeypatch.setenv("DCGAN_JAX_REFERENCES", "gs://bucket")
  with pytest.raises(UserError, match="a local folder is needed"):
    list(kept.findings(None))
