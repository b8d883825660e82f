"""Distil the shares that ``cohstream simulate`` draws from out of the documented reports (our own compilation).

    python tools/build_simulation_model.py path/to/coh_documented_reports/reports.csv

Writes ``cohstream/simulate/model.json``: places with their spellings, kinds of event, who is accused in which words,
sources, precision, reports per incident. Weights are counts of rows.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

TARGET = Path(__file__).parent.parent / "cohstream" / "simulate" / "model.json"
EVENTS = {
    "air_strike", "shelling", "missile_strike", "direct_fire", "sniping", "bombing", "chemical_attack",
    "ground_assault", "territorial_gain", "attack_on_aid", "arrest_abduction", "obstruct_humanitarian_access",
}  # fmt: skip


def main(path: str) -> None:
    with Path(path).open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["conduct"] in EVENTS]
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    points: dict[str, tuple[float, float, float]] = {}
    presence: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        spellings[row["place_std"]][row["place_text"]] += 1
        presence[row["place_std"]][row["excluded_presence"]] += 1
        if row["lat"]:
            points[row["place_std"]] = (float(row["lat"]), float(row["lon"]), float(row["radius_km"] or 2))
    kinds = Counter(
        (row["conduct"], row["weapon_text"], row["weapon_class"], row["target_class"], row["perpetrator_id"])
        for row in rows
    )
    labels: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row["perpetrator_certainty"] != "denied":
            labels[row["perpetrator_id"]][row["perpetrator_claimed"]] += 1
    model = {
        "source": "Own compilation of documented statements on Syria, 15 February 2016 to January 2017; counts of rows",
        "places": [
            {
                "weight": sum(texts.values()),
                "texts": sorted(texts.items()),
                "point": points.get(name),
                "presence": sorted(presence[name].items()),
            }
            for name, texts in sorted(spellings.items())
        ],
        "kinds": [[*kind, count] for kind, count in sorted(kinds.items())],
        "labels": {actor: sorted(texts.items()) for actor, texts in sorted(labels.items())},
        "sources": [[*key, count] for key, count in sorted(Counter((r["source"], r["source_stake"]) for r in rows).items())],
        "precision": sorted(Counter(row["time_precision"] for row in rows).items()),
        "fan_in": sorted(Counter(Counter(row["incident_hint"] for row in rows).values()).items()),
        "killed": sorted(Counter(int(row["killed_min"]) for row in rows if row["killed_min"]).items()),
    }
    TARGET.write_text(json.dumps(model, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
