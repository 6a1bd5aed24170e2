import os
import shutil
import subprocess

import pytest
from hand_made import write_run
from PIL import Image

from dcgan_jax.errors import UserError
from dcgan_jax.reporting import browser_picture
from dcgan_jax.reporting.browser_picture import find_browser, take_picture
from dcgan_jax.reporting.run_page import write_page


def script(path, text):
  path.write_text(f"#!/bin/sh\n{text}\n")
  path.chmod(0o700)


@pytest.fixture
def browser(tmp_path, monkeypatch):
  """A folder that has the only programs there are."""
  folder = tmp_path / "bin"
  folder.mkdir()
  monkeypatch.setenv("PATH", str(folder))
  return folder / "chromium"


@pytest.fixture
def page(tmp_path):
  (tmp_path / "page.html").write_text("<p>page")
  return tmp_path / "page.html"


def test_without_a_browser_one_is_told_what_to_install(browser, page, tmp_path):
  assert find_browser() is None
  with pytest.raises(UserError, match=r"(?s)--picture=.*a\.png: Chromium draws it.*apt install"):
    take_picture(page, tmp_path / "a.png", 100, 100)


def test_a_browser_that_takes_no_picture_is_told_and_leaves_nothing(browser, page, tmp_path):
  script(browser, "exit 1")
  assert find_browser() == str(browser)
  (tmp_path / "a.png").write_text("old")
  with pytest.raises(UserError, match=r"took no picture\. Open .*page\.html in a browser"):
    take_picture(page, tmp_path / "a.png", 100, 100)
  assert (tmp_path / "a.png").read_text() == "old"
  assert not list(tmp_path.glob(".a.png*"))


def test_a_browser_that_does_not_answer_is_told(browser, page, tmp_path, monkeypatch):
  script(browser, "")

  def hang(command, timeout, **more):
    raise subprocess.TimeoutExpired(command, timeout)

  monkeypatch.setattr(browser_picture.subprocess, "run", hang)
  with pytest.raises(UserError, match="does not answer"):
    take_picture(page, tmp_path / "a.png", 100, 100)


def test_a_program_that_is_none_is_told(browser, page, tmp_path):
  browser.write_bytes(b"\x7fELF")
  browser.chmod(0o700)
  with pytest.raises(UserError, match="does not answer"):
    take_picture(page, tmp_path / "a.png", 100, 100)


@pytest.mark.skipif(os.geteuid() == 0, reason="root has no use for Chromium's sandbox")
def test_the_sandbox_stays_on(browser, page, tmp_path):
  script(browser, f'echo "$@" > {tmp_path}/flags')
  with pytest.raises(UserError):
    take_picture(page, tmp_path / "a.png", 100, 100)
  assert "--no-sandbox" not in (tmp_path / "flags").read_text()


def test_the_upper_part_of_a_page_is_drawn(tmp_path):
  if not shutil.which("chromium") and find_browser() is None:
    pytest.skip("chromium is not installed")
  workdir = write_run(tmp_path / "a b")
  write_page(workdir)
  take_picture(workdir / "report.html", tmp_path / "new" / "a.png", 500, 700)
  picture = Image.open(tmp_path / "new" / "a.png").convert("RGB")
  assert picture.size == (500, 700)
  assert picture.getpixel((2, 2)) == (251, 250, 248)  # --page of page.css, light
  assert len(picture.getcolors(10**6)) > 10
