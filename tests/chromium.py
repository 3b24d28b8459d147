"""Where the browser for tests/browser is found; `python -m tests.chromium` says it, and how to get one."""

import ctypes
import os
import shutil
import sys
from functools import cache

# First the one without windows: the same engine opens a page at half the cost when it draws no tabs and menus around it.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
HOW_TO_GET_IT = "apt-get install chromium-headless-shell fonts-wqy-microhei, or CHROMIUM=/path/to/chromium"
# As root there is no sandbox to be had, and a background service that calls home only costs time.
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
_DROP_FROM_WHAT_PROGRAMS_MAY, _RANK_ABOVE_OTHERS = 24, 23  # PR_CAPBSET_DROP and CAP_SYS_NICE of Linux


class BrowserMissingError(Exception):
    """CI leaves nothing out, so that a missing browser is a failure there."""


@cache
def chromium_path() -> str | None:
    """The browser's path; None where there is none and its tests are left out. BrowserMissingError with CI=true."""
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and os.environ.get("CI") == "true":
        raise BrowserMissingError(f"No Chromium, and with CI=true nothing may be left out: {HOW_TO_GET_IT}")
    return found


def keep_in_line() -> None:
    """Programs started from here on rank with the other tests: as root Chromium would put itself before them all."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DROP_FROM_WHAT_PROGRAMS_MAY, _RANK_ABOVE_OTHERS, 0, 0, 0)


def main() -> int:
    """Says which browser is used, or that the browser tests will be left out; fails where CI=true forbids that."""
    try:
        path = chromium_path()
    except BrowserMissingError as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"Browser tests with {path}" if path else f"Browser tests are LEFT OUT, there is no Chromium: {HOW_TO_GET_IT}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
