"""What came of a run: written batch by batch, read in the order of the digest without holding it in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any

import orjson
from orjson import Fragment

from cohstream.domain.assessment import Judgement
from cohstream.domain.canonical import canonical_json
from cohstream.domain.tally import Contribution, TallyKey
from cohstream.domain.vocabulary import Verification
from cohstream.engine.batch import Change
from cohstream.engine.ledger import Ledger, Moves
from cohstream.engine.tally import tallies_of
from cohstream.publish.disclosure import public_incident
from cohstream.publish.records import assessment_of_json, change_of_json, tally_record, verdicts_of
from cohstream.replay.judged import ENTRIES, Judged, what_counts
from cohstream.replay.run_file import RunFile

COUNT = """
INSERT INTO contributions VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = count + excluded.count
"""
ORDER_OF_TALLIES = ", ".join(TallyKey._fields)


class Results:
    """The results of one run."""

    def __init__(self, run: RunFile) -> None:
        self._run = run
        self._db = run.db
        self._judged = Judged(run)

    def write(self, moves: Moves, ledger: Ledger, changes: Iterable[Change], place: int) -> None:
        """Write what the batch that ended at ``place`` of the queue moved; within the transaction of the caller."""
        gone, now = [], []
        for incident_id, (_, incident) in moves.incidents.items():
            if incident is None:
                gone.append((incident_id,))
            else:
                judgement = self._judged.id_of(ledger.judgements[incident_id])
                now.append((incident_id, incident.area, judgement, canonical_json(public_incident(incident))))
        self._db.executemany("DELETE FROM incidents WHERE incident_id = ?", gone)
        self._db.executemany("INSERT OR REPLACE INTO incidents VALUES (?, ?, ?, ?)", now)
        self._db.executemany(COUNT, [self._row(one, step) for one, step in moves.counts.items() if step])
        self._db.executemany(
            "INSERT INTO changes (incident_id, area, agreement, change, before, after, cause, place) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [self._change(change, place) for change in changes],
        )

    def finish(self) -> None:
        """Derive the tallies from what was counted, a day at a time."""
        self._db.execute("DELETE FROM tallies")
        self._db.execute("DELETE FROM contributions WHERE count = 0")
        for _, counts in self._by_day(self._judged.verdicts):
            rows = [(*key, count) for key, count in tallies_of(counts).items()]
            self._db.executemany(f"INSERT INTO tallies VALUES ({', '.join('?' * 10)})", rows)

    def daily(self) -> Iterator[tuple[str, dict[Contribution, int]]]:
        """What incidents contribute, by event day in order; ``undetermined`` comes last."""
        return self._by_day(self._judged.judgement)

    def counts(self) -> tuple[int, int]:
        """How many incidents and assessments there are."""
        incidents, assessments = self._db.execute(
            "SELECT count(DISTINCT incident_id), count(agreement) FROM incidents LEFT JOIN judgements ON id = judgement"
        ).fetchone()
        return int(incidents), int(assessments)

    def incidents(self) -> Iterator[tuple[str, bytes]]:
        """Id and canonical JSON of each incident in its public form, by id."""
        yield from self._db.execute("SELECT incident_id, body FROM incidents ORDER BY incident_id")

    def assessments(self) -> Iterator[tuple[str, str, bytes]]:
        """Incident, agreement and canonical JSON of each assessment, in order."""
        rows = self._db.execute(
            "SELECT incident_id, agreement, findings.body FROM incidents "
            "JOIN judgements ON judgements.id = judgement JOIN findings ON findings.id = findings "
            "ORDER BY incident_id, agreement"
        )
        for incident_id, agreement, findings in rows:
            record = assessment_of_json(incident_id, agreement, Fragment(findings))
            yield incident_id, agreement, canonical_json(record)

    def areas(self) -> Iterator[tuple[str, str]]:
        """Id and area of each incident, by id."""
        yield from self._db.execute("SELECT incident_id, area FROM incidents ORDER BY incident_id")

    def tallies(self) -> Iterator[tuple[TallyKey, int]]:
        """The non-zero tallies by key; of a finished run."""
        for *key, count in self._db.execute(f"SELECT * FROM tallies ORDER BY {ORDER_OF_TALLIES}"):
            yield TallyKey(*key), count

    def summed(self) -> Iterator[tuple[Any, ...]]:
        """Agreement, party, verdict, policy, conduct, weapon, and the count over all else; of a finished run."""
        names = ", ".join(TallyKey._fields[:6])
        yield from self._db.execute(f"SELECT {names}, sum(count) FROM tallies GROUP BY {names} ORDER BY {names}")

    def lines(self) -> Iterator[bytes]:
        """The lines that the digest is taken over: incidents, assessments, tallies."""
        yield from (body for _, body in self.incidents())
        yield from (body for _, _, body in self.assessments())
        yield from (canonical_json(tally_record(key, count)) for key, count in self.tallies())

    def changes(self) -> Iterator[tuple[int, bytes]]:
        """Each change as canonical JSON, with the place in the queue that its batch ended at; in order."""

        @lru_cache(ENTRIES)
        def said(findings_id: bytes | None) -> Fragment | None:
            if findings_id is None:
                return None
            (body,) = self._db.execute("SELECT body FROM findings WHERE id = ?", (findings_id,)).fetchone()
            return Fragment(canonical_json(verdicts_of(what_counts(body))))

        rows = self._db.execute(
            "SELECT place, incident_id, area, agreement, change, before, after, cause FROM changes ORDER BY seq"
        )
        for place, incident_id, area, agreement, change, before, after, cause in rows:
            record = change_of_json(incident_id, area, agreement, change, said(before), said(after), Fragment(cause))
            yield place, canonical_json(record)

    def _row(self, one: Contribution, step: int) -> tuple[Any, ...]:
        judgement = self._judged.id_of(one.judgement)
        return one.event_day, one.area, one.conduct, one.weapon, one.verification.value, judgement, step

    def _by_day(self, restored: Callable[[bytes], Judgement]) -> Iterator[tuple[str, dict[Contribution, int]]]:
        """The contributions of each event day; those that ``restored`` makes alike are added up."""
        rows = self._db.execute("SELECT * FROM contributions WHERE count != 0 ORDER BY event_day")
        for day, of_day in groupby(rows, key=lambda row: row[0]):
            counts: Counter[Contribution] = Counter()
            for _, area, conduct, weapon, verification, judgement, count in of_day:
                one = Contribution(restored(judgement), conduct, weapon, Verification(verification), area, day)
                counts[one] += count
            yield str(day), counts

    def _change(self, one: Change, place: int) -> tuple[Any, ...]:
        before = None if one.before is None else self._judged.findings_id(one.before)
        after = None if one.after is None else self._judged.findings_id(one.after)
        return one.incident_id, one.area, one.agreement, one.change, before, after, orjson.dumps(one.cause), place
