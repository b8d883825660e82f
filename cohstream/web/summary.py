"""The figures of the page: per party and verdict, over event time, and across coverage policies."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from cohstream.domain.assessment import Judgement
from cohstream.domain.tally import Contribution
from cohstream.domain.vocabulary import UNDETERMINED, Policy, Verdict, Verification
from cohstream.publish.belief import POSSIBLE, AgreementInfo
from cohstream.web.selection import Selection
from cohstream.web.view import View

MAX_SLOTS = 200
"""Most bars of the time chart; longer spans go by week, month or year."""

OTHER_PARTIES = {
    "joint": "Several parties, inseparable",
    "undetermined": "Perpetrator undetermined",
    "non_party": "Not a party to the agreement",
}
UNCORROBORATED = frozenset({Verification.ALLEGED, Verification.UNDER_REVIEW})


def summary(view: View, selection: Selection) -> dict[str, Any]:
    """The figures under one agreement and policy; ``parties`` is empty until the state is recovered."""
    agreement, policy = selection
    progress = view.progress
    counted = _Counted()
    if view.metrics.ready:
        counted.add_all(view.ledger.counts, selection)
    return {
        "ready": view.metrics.ready,
        "version": view.ledger.version,
        "agreement": agreement.agreement_id,
        "policy": policy,
        "incidents": len(view.ledger.incidents),
        "watermark": view.ledger.watermark,
        "progress": {
            "read": progress.read,
            "accepted": progress.accepted,
            "duplicate": progress.duplicate,
            "rejected": progress.rejected,
            "event_time": progress.event_time or view.ledger.watermark,
            "total": progress.total,
            "finished": progress.finished,
        },
        "parties": counted.rows(agreement) if view.metrics.ready else [],
        "timeline": timeline(counted.by_day),
    }


class _Counted:
    """Sums over tallies of one agreement, by party."""

    def __init__(self) -> None:
        self.verdicts: Counter[tuple[str, Verdict]] = Counter()
        self.uncorroborated: Counter[str] = Counter()
        self.ranges: Counter[tuple[str, Policy, bool]] = Counter()
        self.by_day: Counter[tuple[str, str, Verdict]] = Counter()

    def add_all(self, counts: Mapping[Contribution, int], selection: Selection) -> None:
        """Add what incidents contribute under the selected agreement; those judged alike on one day are one step."""
        wanted, policy = selection.agreement.agreement_id, selection.policy
        by_policy: Counter[tuple[str, Verdict, Policy]] = Counter()
        by_status: Counter[tuple[str, Verdict, Verification]] = Counter()
        by_day: Counter[tuple[str, str, Verdict]] = Counter()
        alike: Counter[tuple[Judgement, Verification, str]] = Counter()
        for contributed, count in counts.items():
            alike[contributed.judgement, contributed.verification, contributed.event_day] += count
        for (judgement, verification, day), count in alike.items():
            for finding in judgement.by_agreement.get(wanted, ()):
                party, verdict = finding.party, finding.verdict
                by_policy[party, verdict, finding.policy] += count
                if finding.policy is policy:
                    by_status[party, verdict, verification] += count
                    by_day[party, day, verdict] += count
        for (party, verdict, under), count in by_policy.items():
            if verdict in POSSIBLE:
                self.ranges[party, under, verdict is Verdict.VIOLATION] += count
        for (party, verdict, verification), count in by_status.items():
            self.verdicts[party, verdict] += count
            if verdict is Verdict.VIOLATION and verification in UNCORROBORATED:
                self.uncorroborated[party] += count
        for key, count in by_day.items():
            if key[2] in POSSIBLE:
                self.by_day[key] = count

    def rows(self, agreement: AgreementInfo) -> list[dict[str, Any]]:
        """One row per party: those that the agreement declares, then what could not be put to one of them."""
        seen = {party for party, _ in self.verdicts} | {party for party, _, _ in self.ranges}
        labels = {name: party.label for name, party in agreement.parties.items()}
        undeclared = seen - labels.keys()
        others = [name for name in OTHER_PARTIES if name in undeclared]
        others += sorted(undeclared - OTHER_PARTIES.keys())
        return [
            *(self._row(name, label, declared=True) for name, label in labels.items()),
            *(self._row(name, OTHER_PARTIES.get(name, name), declared=False) for name in others),
        ]

    def _row(self, party: str, label: str, declared: bool) -> dict[str, Any]:
        return {
            "id": party,
            "label": label,
            "declared": declared,
            "verdicts": {verdict: self.verdicts[(party, verdict)] for verdict in Verdict},
            "uncorroborated": self.uncorroborated[party],
            "policies": {policy: self._range(party, policy) for policy in Policy},
        }

    def _range(self, party: str, policy: Policy) -> tuple[int, int]:
        """Proven minimum and possible maximum."""
        least = self.ranges[(party, policy, True)]
        return least, least + self.ranges[(party, policy, False)]


class _Unit(NamedTuple):
    name: str
    days: int


UNITS = (_Unit("day", 1), _Unit("week", 7), _Unit("month", 30), _Unit("year", 365))


def timeline(by_day: Counter[tuple[str, str, Verdict]]) -> dict[str, Any]:
    """Counts per slot of event time: ``parties[party][verdict]`` is a list as long as ``slots``.

    A slot without an incident is 0 incidents *assessed*; whether anyone was looking is not said here.
    """
    dated = {day for _, day, _ in by_day if day != UNDETERMINED}
    undated: Counter[str] = Counter()
    for (party, day, _), count in by_day.items():
        if day == UNDETERMINED:
            undated[party] += count
    if not dated:
        return {"unit": "day", "slots": [], "parties": {}, "undated": dict(undated)}
    first, last = date.fromisoformat(min(dated)), date.fromisoformat(max(dated))
    unit = next((unit for unit in UNITS if (last - first).days < MAX_SLOTS * unit.days), UNITS[-1])
    slots = list(_slots(first, last, unit.name))
    place = {slot: index for index, slot in enumerate(slots)}
    series: defaultdict[str, dict[Verdict, list[int]]] = defaultdict(
        lambda: {verdict: [0] * len(slots) for verdict in Verdict if verdict in POSSIBLE}
    )
    for (party, day, verdict), count in by_day.items():
        if day != UNDETERMINED:
            series[party][verdict][place[_slot_of(date.fromisoformat(day), unit.name)]] += count
    return {
        "unit": unit.name,
        "slots": [slot.isoformat() for slot in slots],
        "parties": series,
        "undated": dict(undated),
    }


def _slot_of(day: date, unit: str) -> date:
    match unit:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return day


def _slots(first: date, last: date, unit: str) -> Iterable[date]:
    slot = _slot_of(first, unit)
    while slot <= last:
        yield slot
        step = {"day": 1, "week": 7, "month": 32, "year": 367}[unit]
        slot = _slot_of(slot + timedelta(days=step), unit)
