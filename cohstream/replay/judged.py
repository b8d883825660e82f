"""Judgements in a run file: findings that many incidents share are kept once."""

from __future__ import annotations

from hashlib import sha256

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from cohstream.domain.assessment import Finding, Findings, Judgement
from cohstream.domain.canonical import canonical_json
from cohstream.domain.vocabulary import Policy, Verdict
from cohstream.engine.memory import RememberedByIdentity
from cohstream.publish.records import finding_record
from cohstream.replay.run_file import RunFile

ENTRIES = 1_000


class _Ruled(Struct, gc=False):
    """What of a finding counts."""

    party: str
    policy: Policy
    verdict: Verdict
    reasons: tuple[str, ...]
    clauses: tuple[str, ...]
    flags: tuple[str, ...]
    used: tuple[str, ...]


_read = msgspec.json.Decoder(list[_Ruled]).decode


class Judged:
    """The judgements of a run: kept by content, so that a run that goes on finds those of the run that stopped."""

    def __init__(self, run: RunFile) -> None:
        self._db = run.db
        self._restored: dict[bytes, Judgement] = {}
        self._alike: dict[tuple[object, ...], Judgement] = {}
        self._verdicts: dict[bytes, Judgement] = {}
        self.id_of = RememberedByIdentity[Judgement, bytes](self._keep, ENTRIES)
        self.findings_id = RememberedByIdentity[Findings, bytes](self._keep_findings, ENTRIES)

    def judgement(self, judgement_id: bytes) -> Judgement:
        """The judgement kept as ``judgement_id``, as :func:`what_counts`."""
        known = self._restored.get(judgement_id)
        if known is None:
            if len(self._restored) >= ENTRIES:
                self._restored.clear()
            known = self._restored[judgement_id] = Judgement(self._read(judgement_id))
        return known

    def verdicts(self, judgement_id: bytes) -> Judgement:
        """The judgement kept as ``judgement_id``, its findings with nothing but party, policy and verdict.

        Those alike are one object: there are few of them, so all may be held at once.
        """
        known = self._verdicts.get(judgement_id)
        if known is None:
            said = {
                agreement: tuple(Finding(*one[:3], (), (), (), (), (), ()) for one in findings)
                for agreement, findings in self._read(judgement_id).items()
            }
            known = self._verdicts[judgement_id] = self._alike.setdefault(tuple(said.items()), Judgement(said))
        return known

    def _read(self, judgement_id: bytes) -> dict[str, Findings]:
        rows = self._db.execute(
            "SELECT agreement, body FROM judgements JOIN findings ON findings.id = findings "
            "WHERE judgements.id = ? ORDER BY agreement",
            (judgement_id,),
        )
        return {agreement: what_counts(body) for agreement, body in rows}

    def _keep(self, judgement: Judgement) -> bytes:
        """Keep ``judgement``; returns its id, a hash of what it says."""
        said = {name: self.findings_id(findings) for name, findings in sorted(judgement.by_agreement.items())}
        judgement_id = sha256(b"".join(name.encode() + b"\0" + found for name, found in said.items())).digest()[:16]
        rows = [(judgement_id, name, found) for name, found in said.items()]
        self._db.executemany("INSERT OR IGNORE INTO judgements VALUES (?, ?, ?)", rows)
        return judgement_id

    def _keep_findings(self, findings: Findings) -> bytes:
        body = canonical_json([finding_record(one) for one in findings])
        findings_id = sha256(body).digest()[:16]
        self._db.execute("INSERT OR IGNORE INTO findings VALUES (?, ?)", (findings_id, body))
        return findings_id


def what_counts(body: bytes) -> Findings:
    """From the JSON of findings what tallies and gauges are made of: all but missing facts and trace."""
    return tuple(Finding._make((*astuple(one), (), ())) for one in _read(body))
