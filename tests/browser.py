"""A headless Chromium for tests of pages: the system's, driven by the system's chromedriver.

    @pytest.fixture(scope="module")
    def browser():
      with chromium() as driver:
        yield driver

    def test_a_page_fits_a_phone(browser):
      show(browser, width=400, scheme="dark")
      browser.get(page.as_uri())
      assert not console_errors(browser)

Tests skip by name where either program, or selenium, is missing. Nothing is fetched: selenium is
told where the driver is, and looks for none.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
  "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync",
  # What a page wants from elsewhere fails, and shows among the console's errors.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)  # fmt: skip


@contextlib.contextmanager
def chromium(width: int = 1280, height: int = 900) -> Iterator[Any]:
  """Yields a selenium WebDriver of a browser with a profile of its own, closed at the end.

  Args:
    width: of the page, in CSS pixels; `show` changes it.
    height: likewise.
  """
  webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
  browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
  driver = shutil.which("chromedriver")
  if browser is None:
    pytest.skip("chromium is not installed")
  if driver is None:
    pytest.skip("chromedriver is not installed")
  with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
      options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    session = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
      show(session, width=width, height=height)
      yield session
    finally:
      session.quit()


def show(
  driver: Any, *, width: int = 1280, height: int = 900, scheme: str = "light", still: bool = False
) -> None:
  """Sets how the pages of a browser are shown, those open and those to come.

  A window cannot be narrower than 500 pixels, so the page is told its size instead.

  Args:
    driver: the browser's.
    width: of the page, in CSS pixels.
    height: likewise.
    scheme: "light" or "dark", as its user prefers.
    still: whether the user prefers reduced motion.
  """
  size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
  driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
  features = [
    {"name": "prefers-color-scheme", "value": scheme},
    {"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"},
  ]
  driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def console_errors(driver: Any) -> list[str]:
  """What the browser's console has said in red since it was last asked."""
  return [row["message"] for row in driver.get_log("browser") if row["level"] == "SEVERE"]
