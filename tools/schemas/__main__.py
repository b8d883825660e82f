"""Make the schemas: ``python -m tools.schemas`` writes every file of ``schemas/`` anew.

``--release`` also keeps them in ``schemas/released/``: what is written or read from then on must stay compatible.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tools.schemas.documents import documents

SCHEMAS = Path(__file__).parents[2] / "schemas"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", action="store_true", help="keep them as those of the last release too")
    options = parser.parse_args()
    folders = [SCHEMAS, *([SCHEMAS / "released"] if options.release else [])]
    for folder in folders:
        folder.mkdir(exist_ok=True)
        for name, text in documents().items():
            if folder is SCHEMAS or name.endswith(".json"):
                (folder / name).write_text(text, "utf-8")
                print(folder.relative_to(SCHEMAS.parent) / name)


if __name__ == "__main__":
    main()
