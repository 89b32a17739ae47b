"""A real browser: which one, and started how?"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.needs import Missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserType

ENV = "CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ON_A_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
OPTIONS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def find_browser() -> str:
    named = os.environ.get(ENV) or next((found for name in NAMES if (found := shutil.which(name))), None)
    if named is None and ON_A_MAC.exists():
        named = str(ON_A_MAC)
    if named is None:
        raise Missing("a browser. Install chromium, or name one in CHROMIUM.")
    if not find_spec("playwright"):
        raise Missing("the wheel playwright, which drives the browser.")
    return named


UNMOVED = "--disable-threaded-compositing"
"""A fifth less work, for pages that are only looked at: nothing can be pressed there."""


@contextmanager
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, launched(playwright.chromium) as started:
        yield started


@contextmanager
def launched(kind: "BrowserType", *more: str) -> Iterator["Browser"]:
    """With more options than the usual; `kind` is that of another browser, or of Playwright."""
    options = [*OPTIONS, *more, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with tempfile.TemporaryDirectory(prefix="gru-") as downloads:
        started = kind.launch(executable_path=find_browser(), args=options, headless=True, downloads_path=downloads)
        try:
            yield started
        finally:
            started.close()
