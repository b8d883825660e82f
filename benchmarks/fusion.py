"""Fusion held against labels, against what must stay distinct, and at scale on alerts of other conflicts.

    python -m benchmarks.fusion

Reads real data (COHSTREAM_REAL_DATA, else ../shared/data); what is not at hand is passed over, and said. Prints:

* the documented reports against their labels, blind to what their compiler added and not, beside a plain key;
* Airwars: each row is an incident of its own, so no two of one point and day may be fused;
* alerts of Ukraine (each as its start, and a second version with its end) and of Israel: reports per second,
  incidents, the largest of them, how late reports came, and whether another order of the same reports leads to the
  same digest. They have no labels, so there is no score.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

from benchmarks.core import fill, fresh_context, rate
from cohstream.engine.context import Context
from cohstream.engine.intake import read_report, received_at
from cohstream.engine.ledger import Ledger
from cohstream.engine.scores import pairs_in
from cohstream.importers import Row, open_input
from cohstream.importers.israel_alerts import FIRST_SEEN, read
from cohstream.publish.digest import digest
from cohstream.replay.labels import Labels
from cohstream.replay.score import Findings, Scores, held_against

DATA = Path(os.environ.get("COHSTREAM_REAL_DATA", "../shared/data"))
DOCUMENTED = DATA / "coh_documented_reports/reports.csv"
AIRWARS = DATA / "airwars_syria/incidents.csv"
SIRENS = (DATA / "ukraine_sirens/official_data_en.csv", DATA / "ukraine_sirens/volunteer_data_en.csv")
ISRAEL, ARRIVALS = DATA / "israel_alerts/israel-alerts.csv", DATA / "israel_alerts/arrivals.csv"

LIVE_SINCE = "2023-10-23"
BACK_FILL = 200
"""A commit that brought so many rows filled up the past; what it says of lateness is not of a live feed."""


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    context = fresh_context()
    part("documented reports", [DOCUMENTED], lambda: documented(context))
    part("Airwars, each row an incident of its own", [AIRWARS], lambda: distinct(context))
    part("sirens of Ukraine, two observers", SIRENS, lambda: sirens(context))
    part("alerts of Israel, with arrivals", [ISRAEL, ARRIVALS], lambda: israel(context))


def part(title: str, needed: Iterable[Path], show: Callable[[], None]) -> None:
    """One part of the benchmark, or the word that what it needs is not at hand."""
    missing = [path.name for path in needed if not path.exists()]
    if missing:
        print(f"\n{title}: not at hand ({', '.join(missing)}); set COHSTREAM_REAL_DATA")
        return
    print(f"\n{title}")
    show()


def documented(context: Context) -> None:
    for name, blind in (("blind", True), ("not blind", False)):
        found = score(DOCUMENTED, "incident_hint", blind, context)
        print(f"  {name:<24} {figures(found.fusion)}")
        if blind:
            print(f"  {'exact place text and day':<24} {figures(found.plain_key)}")
        tell(found)


def score(path: Path, column: str, blind: bool, context: Context) -> Findings:
    labels = Labels(column)
    rows = [labels.take(row) for row in open_input(path, blind=blind)]
    return held_against(fill(reports_in(rows), context), labels.by_claim(), context.day_of)


def figures(one: Scores) -> str:
    said = [f"{name} {s.precision:.3f} {s.recall:.3f} {s.f1:.3f}" for name, s in one._asdict().items() if name in KINDS]
    return f"{', '.join(said)} (precision, recall, F1); {one.clusters:,} clusters"


KINDS = ("pairwise", "bcubed")


def tell(found: Findings) -> None:
    places, borders = found.places, found.borders
    reasons = ", ".join(f"{reason} {count}" for reason, count in found.reasons().items())
    print(
        f"    {len(found.label_of):,} reports; places resolved {places.resolved:,} ({places.fine:,} fine, "
        f"{places.wide:,} wide), not {places.unknown:,}; largest incident {found.largest_incident:,} reports\n"
        f"    area borders: {borders.across:,} of {borders.pairs:,} pairs, recall {borders.recall_lost:.3f}; "
        f"between fine places {borders.fine:,}, recall {borders.recall_lost_fine:.3f}\n"
        f"    false merges {len(found.merges):,}, splits {len(found.splits):,}; parts kept apart by: {reasons}"
    )


def distinct(context: Context) -> None:
    ledger = fill(reports_in(rows_of(AIRWARS)), context)
    near, together, fused = Counter[object](), Counter[object](), Counter[object]()
    for claim in ledger.claims():
        incident = ledger.resolve(claim.claim_id)
        fused[incident] += 1
        if claim.place.lat is not None:
            point_and_day = claim.place.lat, claim.place.lon, context.day_of(claim.start)
            near[point_and_day] += 1
            together[incident, point_and_day] += 1
    print(f"  {len(ledger.reports):,} reports, {len(ledger.incidents):,} incidents")
    print(
        f"  of {pairs_in(near.values()):,} pairs of one point and day {pairs_in(together.values()):,} are fused "
        f"(must be 0); of all pairs {pairs_in(fused.values()):,}"
    )


def sirens(context: Context) -> None:
    alerts = reports_in(rows_of(*SIRENS))
    at_scale(context, starts_and_ends(alerts))
    print(f"  {len(alerts):,} alerts, {lateness(alerts)}")


def starts_and_ends(alerts: Iterable[bytes]) -> list[bytes]:
    """Each of ``alerts`` as two versions, its start alone and the whole, in order of receipt."""
    said: list[tuple[str, bytes]] = []
    for raw in alerts:
        body = json.loads(raw)
        start, end = body["occurred"]["start"], body["occurred"].pop("end", None)
        first = body | {"received_at": start, "published_at": start}
        said.append((start, json.dumps(first).encode()))
        if end is not None:
            whole = body | {"revision": 1, "occurred": body["occurred"] | {"end": end}}
            said.append((end, json.dumps(whole).encode()))
    return [raw for _, raw in sorted(said)]


def israel(context: Context) -> None:
    at_scale(context, reports_in(read(BytesIO(with_arrivals()), ISRAEL.name)))
    live = [row.report for row in read(BytesIO(with_arrivals(live=True)), ISRAEL.name) if row.report]
    print(f"  of {len(live):,} alerts of a live feed (since {LIVE_SINCE}, no back-fill), {lateness(live)}")


def with_arrivals(live: bool = False) -> bytes:
    """The alerts of Israel with the time each was first seen, as one table; ``live``: those of the live feed alone."""
    with ARRIVALS.open(encoding="utf-8") as table:
        arrivals = {row["rid"]: row for row in csv.DictReader(table)}
    brought = Counter(row["first_commit"] for row in arrivals.values())
    text = StringIO()
    with ISRAEL.open(encoding="utf-8-sig") as table:
        alerts = csv.DictReader(table)
        writer = csv.DictWriter(text, [*(alerts.fieldnames or ()), FIRST_SEEN])
        writer.writeheader()
        for alert in alerts:
            came = arrivals.get(alert["rid"])
            if live and (came is None or alert["alertDate"] < LIVE_SINCE or brought[came["first_commit"]] >= BACK_FILL):
                continue
            writer.writerow(alert | {FIRST_SEEN: came["first_seen_utc"] if came else ""})
    return text.getvalue().encode()


def at_scale(context: Context, reports: Sequence[bytes]) -> None:
    kept: list[Ledger] = []
    speed = rate(lambda: kept.append(fill(reports, context)), len(reports))
    (ledger,) = kept
    shuffled = list(reports)
    random.Random(1).shuffle(shuffled)
    same = digest(ledger) == digest(fill(shuffled, context))
    largest = max((len(incident.members) for incident in ledger.incidents.values()), default=0)
    print(
        f"  {len(reports):,} reports, {speed:,.0f} reports/s; {len(ledger.incidents):,} incidents, the largest of "
        f"{largest:,}; the same digest in another order: {'yes' if same else 'NO'}"
    )
    places = Counter(claim.place.lat is not None for claim in ledger.claims())
    print(f"  places resolved {places[True]:,}, not {places[False]:,}: an unknown name is a spot of its own")


def lateness(reports: Iterable[bytes]) -> str:
    """From the start of an alert to its receipt, in quantiles."""
    late = sorted(_late(raw) / timedelta(seconds=1) for raw in reports)
    marks = statistics.quantiles(late, n=100)
    return (
        f"from start to receipt: least {late[0]:,.0f} s, median {marks[49]:,.0f} s, p95 {marks[94]:,.0f} s, "
        f"p99 {marks[98]:,.0f} s, most {late[-1]:,.0f} s"
    )


def _late(raw: bytes) -> timedelta:
    report = read_report(raw)
    return received_at(report) - report.occurred.start


def rows_of(*paths: Path) -> list[Row]:
    return [row for path in paths for row in open_input(path)]


def reports_in(rows: Iterable[Row]) -> list[bytes]:
    """The reports of ``rows``; how many rows were rejected is said."""
    found = list(rows)
    reports = [row.report for row in found if row.report is not None]
    if len(reports) < len(found):
        print(f"  rejected {len(found) - len(reports):,} rows")
    return reports


if __name__ == "__main__":
    main()
