"""Build the sample that ships with the package from the project's own documented reports.

    python tools/build_sample.py [DATA]

DATA is the folder of real data (default: COHSTREAM_REAL_DATA, else ../shared/data beside this repository); of it
only ``coh_documented_reports/reports.csv``, the project's own compilation of facts, is read. What ships is every
row whose page the compiler read (``certainty`` read, with a link) and the few known rows that say in their note
what they rest on, as the own-CSV importer reads them, one report a line.
"""

from __future__ import annotations

import csv
import io
import os
import sys
from pathlib import Path

from cohstream.importers import formats

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "cohstream" / "samples" / "coh2016.jsonl"

PUBLIC_LINKS = {
    "file: centcom_isil_strikes/all-edited-refined.csv": (
        "https://github.com/kevinschaul/uscentcom-isil-airstrikes-scraper/blob/"
        "fbfe0cf02f213e6e96be99ad81116727238e43dd/data/all-edited-refined.csv"
    ),
}
"""Rows read from a file, with the public address of that file."""


def shipped(row: dict[str, str]) -> bool:
    """Whether a row goes into the sample."""
    return bool(row["url"]) if row["certainty"] == "read" else bool(row["note"])


def chosen_csv(source: Path) -> bytes:
    """The rows that ship, as CSV."""
    with source.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = [row | {"url": PUBLIC_LINKS.get(row["url"], row["url"])} for row in reader if shipped(row)]
        columns = reader.fieldnames or []
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def main() -> int:
    default = os.environ.get("COHSTREAM_REAL_DATA", ROOT / ".." / "shared" / "data")
    source = Path(sys.argv[1] if len(sys.argv) > 1 else default) / "coh_documented_reports" / "reports.csv"
    rows = list(formats()["csv"](io.BytesIO(chosen_csv(source)), source.name))
    if wrong := [f"{row.position}: {row.code}: {row.problem}" for row in rows if row.report is None]:
        print("these rows cannot be read; nothing was written:", *wrong, sep="\n", file=sys.stderr)
        return 1
    TARGET.write_bytes(b"".join(row.report + b"\n" for row in rows if row.report is not None))
    print(f"{TARGET.relative_to(ROOT)}: {len(rows)} reports")
    return 0


if __name__ == "__main__":
    sys.exit(main())
