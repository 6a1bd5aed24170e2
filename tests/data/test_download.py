import sys
import types

import pytest

from dcgan_jax.data import download
from dcgan_jax.errors import UserError

PAPER = "jonathanoheix/face-expression-recognition-dataset"


def fake_kagglehub(monkeypatch, dataset_download):
  module = types.ModuleType("kagglehub")
  module.dataset_download = dataset_download
  monkeypatch.setitem(sys.modules, "kagglehub", module)


def test_the_default_is_the_papers_copy():
  assert download.resolve("fer2013", None) == PAPER
  assert download.resolve("ckplus", None) == "davilsena/ckdataset"
  assert download.resolve("fer2013", "msambare/fer2013") == "msambare/fer2013"


def test_a_folder_has_no_default():
  with pytest.raises(UserError, match="folder has no download of its own"):
    download.resolve("folder", None)


@pytest.mark.parametrize("slug", ["fer2013", "../../etc", "a/b/c", "https://kaggle.com/a/b"])
def test_what_is_no_slug_is_refused(slug):
  with pytest.raises(UserError, match="expected OWNER/DATA-SET"):
    download.resolve("fer2013", slug)


def test_fetching_returns_where_kagglehub_put_it(monkeypatch, tmp_path):
  fake_kagglehub(monkeypatch, lambda slug: str(tmp_path / slug))
  assert download.fetch(PAPER) == tmp_path / PAPER


def test_without_kagglehub_the_message_says_how_to_get_it(monkeypatch):
  monkeypatch.setitem(sys.modules, "kagglehub", None)  # what makes an import fail
  with pytest.raises(UserError, match=r"pip install 'dcgan_jax\[download\]'"):
    download.fetch(PAPER)


def test_without_network_the_message_says_what_failed(monkeypatch):
  def offline(slug):
    raise ConnectionError("Name or service not known\nlong story")

  fake_kagglehub(monkeypatch, offline)
  with pytest.raises(UserError) as caught:
    download.fetch(PAPER)
  message = str(caught.value)
  assert message.startswith(f"{PAPER} could not be fetched: Name or service not known\n")
  assert "--source=PATH" in message
  assert "long story" not in message
