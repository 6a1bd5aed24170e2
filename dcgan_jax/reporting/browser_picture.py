"""A picture of a page, taken by the Chromium of this machine."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from dcgan_jax.errors import UserError
from dcgan_jax.files import replacing

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_SECONDS = 120


def find_browser() -> str | None:
  """The browser that takes pictures; None where there is none."""
  return next(filter(None, map(shutil.which, _BROWSERS)), None)


def take_picture(page: pathlib.Path, out: pathlib.Path, width: int, height: int) -> None:
  """Draws the upper part of a page as a PNG, in the light theme.

  Args:
    page: an HTML file that needs no network.
    out: the PNG.
    width: of the window, in pixels.
    height: likewise.

  Raises:
    UserError: there is no Chromium, or it took no picture.
    OSError: `out` cannot be written.
  """
  browser = find_browser()
  if browser is None:
    raise UserError(
      f"--picture={out}: Chromium draws it, and none of {', '.join(_BROWSERS)} is installed.\n"
      "On Debian and Ubuntu:  apt install chromium"
    )
  with tempfile.TemporaryDirectory() as profile, replacing(out.absolute()) as temporary:
    flags = ["--headless=new", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    if os.geteuid() == 0:
      flags.append("--no-sandbox")  # Chromium's does not work for root
    flags += [f"--user-data-dir={profile}", f"--window-size={width},{height}"]
    picture = pathlib.Path(profile) / "picture.png"  # the name must end so
    command = [browser, *flags, f"--screenshot={picture}", page.absolute().as_uri()]
    try:
      subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except (subprocess.TimeoutExpired, OSError) as error:
      raise UserError(f"--picture={out}: {browser} does not answer: {error}.") from error
    if not picture.exists():
      raise UserError(f"--picture={out}: {browser} took no picture. Open {page} in a browser.")
    shutil.copyfile(picture, temporary)
