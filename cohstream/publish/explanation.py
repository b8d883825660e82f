"""A decision explained: what is known and who says it, each step with its facts and clauses, and what is missing.

Everything is in its public form: places of shielded incidents are coarse, and wording that may tell them is withheld.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cohstream.domain.assessment import Finding, Findings
from cohstream.domain.claim import Claim
from cohstream.domain.incident import Incident
from cohstream.engine.assess import facts_in
from cohstream.engine.context import Context
from cohstream.engine.evidence import members_of, notice_claims, presence_claims
from cohstream.engine.ledger import NOTHING_CLAIMED, Ledger
from cohstream.law import Agreement
from cohstream.law.first_shot import Looked
from cohstream.law.questions import Inquirer, Question
from cohstream.publish.disclosure import is_shielded, public_incident
from cohstream.publish.membership import Contribution, KeptApart, Why, membership_of, speak_of_shielded
from cohstream.publish.provenance import FactUsed, facts_with_sources, label_of
from cohstream.publish.reasons import Texts, wording

FACTS_OF_STEP = {
    "1": ("time",),
    "2": ("area",),
    "3": ("perpetrator",),
    "4": ("conduct", "weapon"),
    "5": ("target", "target_actor", "civilians_harmed"),
    "6": ("circumstance", "first_shot", "notice"),
    "7": ("excluded_presence", "delineated"),
    "8": ("attribution", "denied_by"),
}
"""The facts that each step of a decision looks at (domain reference §3.3)."""


@dataclass(frozen=True)
class Member:
    """A report behind the incident: who says it, what it says in our words and in its own, and why it is in.

    ``withheld`` names wording left out because it may tell an exact place that must not be told. ``why`` and what it
    contributes are told of members only, and of those of an incident that is not sealed.
    """

    source: str
    report_id: str
    claim_id: str
    stake: str
    group: str
    kind: str
    published_at: datetime
    says: Mapping[str, str]
    wording: Mapping[str, str]
    withheld: tuple[str, ...]
    links: tuple[str, ...]
    why: Why | None
    contributes: tuple[Contribution, ...]


@dataclass(frozen=True)
class Step:
    """One step of a decision, and the facts that it looks at."""

    text: str
    facts: tuple[FactUsed, ...]


@dataclass(frozen=True)
class Reason:
    code: str
    sentence: str


@dataclass(frozen=True)
class PolicySaid:
    """What coverage policies say that decide alike; ``steps`` are those not taken under every policy."""

    policies: tuple[str, ...]
    party: str
    verdict: str
    reasons: tuple[Reason, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class ExceptionSaid:
    """An exception that a clause knows, and who claims it; nobody: it was considered, and does not arise."""

    name: str
    claimed_by: tuple[str, ...]


@dataclass(frozen=True)
class ClauseRead:
    id: str
    paraphrase: str
    source: str
    text_status: str
    exceptions: tuple[ExceptionSaid, ...]


@dataclass(frozen=True)
class Answered:
    """A possible answer: how many verdicts it would change, and how many policies would then say what."""

    value: str
    changes: int
    verdicts: Mapping[str, int]


@dataclass(frozen=True)
class Missing:
    """A missing fact; ``changes``: how many of the verdicts the answer that changes most would change."""

    fact: str
    changes: int
    answers: tuple[Answered, ...]


@dataclass(frozen=True)
class Decision:
    """What one agreement says; ``steps`` are those taken under every policy, ``missing`` ranked by what they change."""

    agreement: str
    title: str
    status: str
    default_policy: str
    flags: tuple[Reason, ...]
    steps: tuple[Step, ...]
    policies: tuple[PolicySaid, ...]
    clauses: tuple[ClauseRead, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True)
class Neighbour:
    """Another incident, and by which agreements, with which word, it counts as the attack before the answer."""

    incident_id: str
    conduct: str
    event_day: str
    agreements: Mapping[str, str]


@dataclass(frozen=True)
class Explanation:
    """``incident`` in its public form, the reports behind it, its neighbours, and the decision under each agreement.

    ``kept_apart`` are the nearest incidents that are other ones, ``answers`` the attacks that it may be an answer to,
    ``answered_by`` the incidents that may answer it.
    """

    asked: str
    incident: Mapping[str, Any]
    members: tuple[Member, ...]
    presence: tuple[Member, ...]
    kept_apart: tuple[KeptApart, ...]
    notices: tuple[Member, ...]
    answers: tuple[Neighbour, ...]
    answered_by: tuple[Neighbour, ...]
    decisions: tuple[Decision, ...]


def explain(
    asked: str,
    incident: Incident,
    ledger: Ledger,
    agreements: Mapping[str, Agreement],
    context: Context,
    inquirer: Inquirer,
) -> Explanation:
    """How each of ``agreements`` decides ``incident`` of ``ledger``, and on what it rests."""
    members, presence = members_of(ledger, incident), presence_claims(ledger, incident)
    notices = notice_claims(ledger, incident)
    shielded = is_shielded(incident) or speak_of_shielded(members)
    membership, actors = membership_of(ledger, incident, context), context.resolver.knowledge.actors
    facts = facts_in(ledger, incident)
    questions = inquirer.questions(facts)
    return Explanation(
        asked,
        public_incident(incident),
        tuple(
            _member(
                claim,
                shielded,
                membership.why.get(claim.claim_id),
                membership.contributions.get(claim.claim_id, ()),
            )
            for claim in members
        ),
        tuple(_member(claim, shielded) for claim in presence),
        membership.kept_apart,
        tuple(_member(claim, shielded) for claim in notices),
        _neighbours(ledger, _answered(ledger, incident.incident_id)),
        _neighbours(ledger, _answering(ledger, incident.incident_id)),
        tuple(
            _decision(
                agreement,
                ledger.findings(incident.incident_id, name) or (),
                facts_with_sources(incident, facts, members, presence, notices, agreement, actors),
                members,
                [one for one in questions if one.agreement == name],
            )
            for name, agreement in agreements.items()
        ),
    )


def _answered(ledger: Ledger, incident_id: str) -> Iterator[tuple[str, Looked]]:
    """What an incident found of the attack that it answers: other incidents, and how they were known."""
    for looked in ledger.evidence.get(incident_id, NOTHING_CLAIMED).first_shots:
        yield from ((shot, looked) for shot in looked.incidents)


def _answering(ledger: Ledger, incident_id: str) -> Iterator[tuple[str, Looked]]:
    """The incidents that found this one to be the attack that they answer."""
    for answer, found in ledger.evidence.items():
        yield from ((answer, looked) for looked in found.first_shots if incident_id in looked.incidents)


def _neighbours(ledger: Ledger, found: Iterable[tuple[str, Looked]]) -> tuple[Neighbour, ...]:
    words: dict[str, dict[str, str]] = {}
    for incident_id, looked in found:
        words.setdefault(incident_id, {})[looked.agreement] = str(looked.word)
    near = [ledger.incidents[incident_id] for incident_id in sorted(words)]
    return tuple(Neighbour(one.incident_id, one.conduct, one.event_day, words[one.incident_id]) for one in near)


def _member(claim: Claim, shielded: bool, why: Why | None = None, contributes: tuple[Contribution, ...] = ()) -> Member:
    said = {
        "place": claim.wording.place,
        "target": claim.wording.target,
        "weapon": claim.wording.weapon,
        "perpetrator": claim.wording.perpetrator,
    }
    kept = {name: text for name, text in said.items() if text}
    withheld = tuple(name for name in ("place", "target") if name in kept) if shielded else ()
    return Member(
        claim.source,
        claim.report_id,
        claim.claim_id,
        claim.stake,
        claim.group,
        claim.kind,
        claim.published_at,
        _says(claim),
        {name: text for name, text in kept.items() if name not in withheld},
        withheld,
        tuple(link for link in claim.links if link.startswith(("https://", "http://"))),
        why,
        contributes,
    )


def _says(claim: Claim) -> dict[str, str]:
    """What a claim says, by fact; what it leaves open is not there."""
    said = {
        "conduct": claim.conduct or "",
        "weapon": claim.weapon,
        "target": claim.target,
        "target_actor": ", ".join(claim.target_actors),
        "perpetrator": ("jointly " if claim.joint else "") + (", " if claim.joint else " or ").join(claim.perpetrators),
        "certainty": claim.certainty if claim.perpetrators else "",
        "excluded_presence": claim.excluded_presence,
        "delineated": "yes" if claim.delineated else "",
        "circumstance": ", ".join(claim.circumstances),
        "statement": claim.statement or "",
    }
    silent = ("", "unknown", "undetermined", "undetermined_weapon", "jointly ")
    return {name: str(value) for name, value in said.items() if value not in silent}


def _decision(
    agreement: Agreement,
    findings: Findings,
    facts: Sequence[FactUsed],
    members: Sequence[Claim],
    questions: Sequence[Question],
) -> Decision:
    common = [text for text in findings[0].trace if all(text in one.trace for one in findings)] if findings else []
    flags = dict.fromkeys(code for one in findings for code in one.flags)
    return Decision(
        agreement.agreement_id,
        agreement.title,
        str(agreement.status),
        agreement.default_policy,
        tuple(_reason(wording().flags, code) for code in flags),
        tuple(_step(text, facts) for text in common),
        _policies(findings, common, facts),
        _clauses(agreement, findings, members),
        tuple(missing_of(one) for one in questions),
    )


def _policies(findings: Findings, common: Sequence[str], facts: Sequence[FactUsed]) -> tuple[PolicySaid, ...]:
    """Findings of one party, verdict and steps are told once. A step that names its policy is that policy's own."""
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        own = tuple(text.replace(one.policy, "POLICY") for text in one.trace if text not in common)
        alike.setdefault((one.party, one.verdict, one.reasons, own), []).append(one)
    return tuple(
        PolicySaid(
            tuple(one.policy for one in same),
            same[0].party,
            same[0].verdict,
            tuple(_reason(wording().reasons, code) for code in same[0].reasons),
            tuple(
                _step(text.replace(f" under {same[0].policy}", "").rstrip(","), facts)
                for text in same[0].trace
                if text not in common
            ),
        )
        for same in alike.values()
    )


def _step(text: str, facts: Sequence[FactUsed]) -> Step:
    return Step(text, tuple(one for one in facts if one.name in FACTS_OF_STEP.get(text[:1], ())))


def _clauses(agreement: Agreement, findings: Findings, members: Sequence[Claim]) -> tuple[ClauseRead, ...]:
    read = dict.fromkeys(clause for one in findings for clause in one.clauses)
    return tuple(
        ClauseRead(
            clause.id,
            clause.paraphrase,
            clause.source,
            clause.text_status,
            tuple(
                ExceptionSaid(name, tuple(label_of(claim) for claim in members if name in claim.circumstances))
                for name in clause.exceptions
            ),
        )
        for clause in agreement.text.clauses
        if clause.id in read
    )


def missing_of(question: Question) -> Missing:
    """``question`` with what each answer would come to."""
    answers = []
    for one in question.outcomes:
        verdicts = Counter(f"{found.party} {found.verdict}" for found in one.findings)
        answers.append(Answered(one.value, one.changes, dict(verdicts)))
    return Missing(question.fact, question.changes, tuple(answers))


def _reason(texts: Texts, code: str) -> Reason:
    return Reason(code, texts[code]["sentence"] if code in texts else "")
