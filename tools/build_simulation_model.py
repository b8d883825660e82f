"""Distil what ``cohstream simulate`` draws from out of the documented reports (our own compilation).

    python tools/build_simulation_model.py [path/to/coh_documented_reports/reports.csv]

Writes ``cohstream/simulate/model.json``, one entry a line: weights are counts of rows. Places that no documented
report names are added from ``tools/own_places.csv`` with weight 1, so that names are as many as in a long war.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from cohstream.domain.vocabulary import CONDUCT_FAMILY

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "cohstream" / "simulate" / "model.json"
STATEMENTS = {
    "truce_declaration": "truce",
    "truce_end_declaration": "truce_end",
    "coverage_declaration": "coverage",
    "compliance_statement": "compliance",
}
LONGEST_LAG_DAYS = 20
"""Reports published later are reviews of months, of no use in a stream."""
QUIET_PLACES = 110
NOT_PLACES_OF_EVENTS = {"country", "governorate", "unplaced"}

Row = dict[str, str]


def main(path: Path) -> None:
    rows = read(path)
    events = [row for row in rows if row["conduct"] in CONDUCT_FAMILY and row["perpetrator_certainty"] != "denied"]
    model: dict[str, list[Any]] = {
        "source": [
            "Our own compilation of documented statements on Syria, 15 February 2016 to January 2017",
            "and our own list of places; weights are counts of rows",
        ],
        "places": [*documented_places(events), *quiet_places(events)],
        "events": counted((r["conduct"], r["weapon_class"], r["target_class"], r["perpetrator_id"]) for r in events),
        "weapon_words": counted((r["weapon_class"], r["weapon_text"]) for r in events),
        "labels": counted((r["perpetrator_id"], r["perpetrator_claimed"]) for r in events),
        "certainties": counted((r["perpetrator_certainty"],) for r in events if r["perpetrator_id"]),
        "sources": counted((r["source"], r["source_stake"]) for r in events),
        "deniers": counted((r["source"], r["source_stake"]) for r in rows if r["perpetrator_certainty"] == "denied"),
        "statements": counted(
            (STATEMENTS[r["conduct"]], r["source"], r["source_stake"]) for r in rows if r["conduct"] in STATEMENTS
        ),
        "precision": counted((r["time_precision"],) for r in events),
        "fan_in": counted((size,) for size in Counter(r["incident_hint"] for r in events).values()),
        "lag_days": counted((lag,) for lag in lags(events) if 0 <= lag <= LONGEST_LAG_DAYS),
        "killed": counted((int(r["killed_min"]),) for r in events if r["killed_min"]),
        "munitions": counted((int(r["munition_count"]),) for r in events if r["munition_count"].isdigit()),
    }
    TARGET.write_text(one_entry_a_line(model), encoding="utf-8")


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def documented_places(events: list[Row]) -> list[Any]:
    by_name: defaultdict[str, list[Row]] = defaultdict(list)
    for row in events:
        by_name[row["place_std"]].append(row)
    return [
        [len(rows), point_of(rows), Counter(sorted(r["excluded_presence"] for r in rows)), spellings(rows)]
        for _, rows in sorted(by_name.items())
    ]


def spellings(rows: list[Row]) -> dict[str, int]:
    return dict(sorted(Counter(row["place_text"] for row in rows).items()))


def point_of(rows: list[Row]) -> list[float] | None:
    placed = [row for row in rows if row["lat"]]
    if not placed:
        return None
    return [float(placed[0]["lat"]), float(placed[0]["lon"]), float(placed[0]["radius_km"] or 2)]


def quiet_places(events: list[Row]) -> list[Any]:
    """Places of our own list that no documented report names, with their other spellings."""
    named = {key(row[column]) for row in events for column in ("place_std", "place_text")}
    places: list[Any] = []
    for row in read(ROOT / "tools" / "own_places.csv"):
        if row["name"].startswith("#") or row["level"] in NOT_PLACES_OF_EVENTS or not row["lat"]:
            continue
        names = [row["name"], *(row["aliases"] or "").split("|"), row["name_ar"]]
        spelt = [name for name in dict.fromkeys(names) if name]
        if row["admin"].startswith("SY") and not {key(name) for name in spelt} & named:
            point = [float(row["lat"]), float(row["lon"]), float(row["radius_km"])]
            places.append([1, point, {"unknown": 1}, dict.fromkeys(spelt[:8], 1)])
    return places[:QUIET_PLACES]


def key(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def lags(events: list[Row]) -> Iterable[int]:
    for row in events:
        if row["published_date"]:
            yield (date.fromisoformat(row["published_date"][:10]) - date.fromisoformat(row["occurred_start"][:10])).days


def counted(items: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Each distinct item with its count before it, in order of the items."""
    return [[count, *item] for item, count in sorted(Counter(items).items())]


def one_entry_a_line(model: dict[str, list[Any]]) -> str:
    parts = []
    for name, entries in model.items():
        lines = ",\n".join("  " + json.dumps(entry, ensure_ascii=False) for entry in entries)
        parts.append(f' "{name}": [\n{lines}\n ]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    data = ROOT / os.environ.get("COHSTREAM_REAL_DATA", "../shared/data")
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else data / "coh_documented_reports" / "reports.csv")
