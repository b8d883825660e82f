"""What the doctor sees on its own machine: the packages, and the state directory. It writes nothing."""

from __future__ import annotations

import os
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path

from cohstream import __version__
from cohstream.live.doctor.check import Check, fail, ok, warn

SHOWN_PACKAGES = ("aiokafka", "faust-streaming", "mode-streaming", "rocksdict")
PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^;\s]+)")

LITTLE_BYTES = 1 << 30
TOO_LITTLE_BYTES = 128 << 20
"""Below this RocksDB soon cannot compact, and ends the worker."""


def check_packages() -> Check:
    """Whether the packages that cohstream pins are there in the pinned versions."""
    pinned = [found for one in metadata.requires("cohstream") or () if (found := PIN.match(one))]
    pins = {found[1]: found[2] for found in pinned}
    versions = {name: _version(name) for name in sorted({*SHOWN_PACKAGES, *pins})}
    wrong = [f"{name} {versions[name]} instead of {pin}" for name, pin in pins.items() if versions[name] != pin]
    if wrong:
        return fail(
            "packages", "; ".join(wrong), f"install them as pinned: pip install 'cohstream[live]=={__version__}'"
        )
    python = ".".join(map(str, sys.version_info[:3]))
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    return ok("packages", f"cohstream {__version__}, Python {python}, {told}")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"


def check_state_dir(directory: Path) -> Check:
    """Whether a worker started here could keep its state in ``directory``. One that runs there does no harm."""
    directory = directory.absolute()
    home = next(one for one in (directory, *directory.parents) if one.exists())
    remedy = f"mend COHSTREAM_STATE_DIR, or give {home} to user {os.geteuid()}"
    if not home.is_dir():
        return fail("state directory", f"no state can be kept at {directory}: {home} is no directory", remedy)
    if not os.access(home, os.W_OK | os.X_OK, effective_ids=True):
        return fail("state directory", f"no state can be kept at {directory}: {home} may not be written", remedy)
    free = shutil.disk_usage(home).free
    found = f"{directory} {'may be written' if home == directory else 'is not there yet and can be made'}"
    found += f", {free / (1 << 30):,.1f} GiB free"
    remedy = "free space, or name another directory by COHSTREAM_STATE_DIR; a worker rebuilds what was in it"
    if free < TOO_LITTLE_BYTES:
        return fail("state directory", found, remedy)
    return warn("state directory", found, remedy) if free < LITTLE_BYTES else ok("state directory", found)
