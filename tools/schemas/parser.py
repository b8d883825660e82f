"""AsyncAPI's own parser: ``python -m tools.schemas.parser FILE`` says what it finds wrong with a document.

It runs on Node. Its packages, whose versions ``node/package-lock.json`` pins, are kept in ``.make/asyncapi-...``.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent / "node"
REPOSITORY = Path(__file__).parents[2]


class ParserUnavailableError(Exception):
    """The parser cannot be run here; the message says why and what to do."""


def faults_of(document: Path) -> list[str]:
    """What is wrong with ``document``, a line each: ``LINE: PATH: WHAT``. Raises :class:`ParserUnavailableError`."""
    told = subprocess.run([_node(), "check.mjs", str(document.absolute())], cwd=_home(), capture_output=True, text=True)
    if told.returncode not in (0, 1) or (told.returncode and not told.stdout):
        raise ParserUnavailableError(f"AsyncAPI's parser broke off: {told.stderr[-2000:]}")
    return told.stdout.splitlines()


def _node() -> str:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise ParserUnavailableError("there is no node or npm; on Debian and Ubuntu: apt-get install nodejs npm")
    return node


def _home() -> Path:
    """The directory of the parser, with its packages; they are fetched when they are not at hand."""
    pinned = sha256(b"".join(one.read_bytes() for one in sorted(HERE.iterdir()))).hexdigest()[:12]
    home = REPOSITORY / f".make/asyncapi-{pinned}"
    complete = home / "complete"
    if not complete.exists():
        home.mkdir(parents=True, exist_ok=True)
        with (home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not complete.exists():
                _fetch(home)
                complete.touch()
    return home


def _fetch(home: Path) -> None:
    for one in HERE.iterdir():
        shutil.copy(one, home)
    told = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=home, capture_output=True, text=True
    )
    if told.returncode:
        raise ParserUnavailableError(f"npm could not fetch AsyncAPI's parser: {told.stderr[-500:].strip()}")


def main() -> None:
    try:
        faults = [fault for name in sys.argv[1:] for fault in faults_of(Path(name))]
    except ParserUnavailableError as error:
        sys.exit(f"asyncapi: {error}")
    print("\n".join(faults) or "no faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
