"""Take the picture of the page that stands in the README.

    cohstream demo --seconds 1 &
    python tools/screenshot.py http://127.0.0.1:8080/ docs/page.png

Needs the extra ``dev`` and Debian's chromium.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="where the page is served")
    parser.add_argument("picture", type=Path, nargs="?", default=Path("docs/page.png"), help="the PNG to write")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=2300)
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    asked = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        print("chromium is not installed; install Debian's package chromium", file=sys.stderr)
        return 2
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(
            viewport={"width": asked.width, "height": asked.height},
            color_scheme=asked.scheme,
            reduced_motion="reduce",
        )
        page.goto(asked.url)
        page.wait_for_selector("#map .spot", timeout=60_000)
        page.wait_for_timeout(1_500)
        page.screenshot(path=asked.picture)
        browser.close()
    print(f"{asked.picture}: {asked.picture.stat().st_size / 1024:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
