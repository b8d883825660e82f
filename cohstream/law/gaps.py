"""Gaps: what a text does not regulate, alone or on top of the texts that it presupposes, computed from cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from cohstream.domain.vocabulary import CONDUCT_FAMILY, Policy, is_within, top_two_levels
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.agreement import NON_PARTY, Agreement
from cohstream.law.case import AREA_WEAPONS
from cohstream.law.cells import (
    Cell,
    Means,
    Side,
    Word,
    alike,
    as_if_in_force,
    cells_of,
    means_of,
    outcome_of,
    sides_at,
)
from cohstream.law.facts import Facts
from cohstream.law.grounds import ANY_TIME, grounds_of
from cohstream.law.text import Modality, Provision


class Use(NamedTuple):
    """One documented incident: its facts, and the least number of killed that a source gives."""

    facts: Facts
    killed: int


class Gap(NamedTuple):
    """A weapon, or a conduct that needs none, that the text leaves out.

    ``silent``: sides for whom no clause speaks of it, whoever the target; ``partial``: sides for whom only some cells
    are left out, which ``conducts``, ``targets`` and ``grounds`` name. ``incidents`` and ``killed`` are what is
    documented of the silent sides.
    """

    subject: str
    silent: tuple[str, ...]
    partial: tuple[str, ...]
    conducts: tuple[str, ...]
    targets: tuple[str, ...]
    grounds: tuple[str, ...]
    for_all: bool
    regulated_by: tuple[str, ...]
    incidents: int
    killed: int

    def record(self) -> dict[str, object]:
        """The gap for JSON."""
        return {
            "subject": self.subject,
            "unregulated_for": list(self.silent),
            "partly_for": list(self.partial),
            "for_all_bound": self.for_all,
            "conducts": list(self.conducts),
            "targets": list(self.targets),
            "where": list(self.grounds),
            "regulated_by": list(self.regulated_by),
            "documented": {"incidents": self.incidents, "killed_min": self.killed},
        }


@dataclass(frozen=True)
class Gaps:
    """What ``agreement`` leaves out together with ``parents``, the most pressing first.

    ``provided`` are the clauses by what they provide; of the procedures ``unclear`` the file does not say.
    """

    agreement: Agreement
    parents: tuple[Agreement, ...]
    instant: datetime
    gaps: tuple[Gap, ...]
    provided: Mapping[Provision, tuple[str, ...]]
    unclear: tuple[str, ...]

    @property
    def missing(self) -> tuple[Provision, ...]:
        """What no clause provides."""
        return tuple(one for one in Provision if one not in self.provided and one is not Provision.OTHER)

    def record(self) -> dict[str, object]:
        """The gaps for JSON."""
        return {
            "agreement": self.agreement.agreement_id,
            "with": [one.agreement_id for one in self.parents],
            "as_of": self.instant.isoformat(),
            "not_provided": list(self.missing),
            "provided": {str(word): list(clauses) for word, clauses in self.provided.items()},
            "unclear_procedures": list(self.unclear),
            "gaps": [one.record() for one in self.gaps],
        }


@dataclass
class _Tally:
    """Cells of one subject and side, regulated or not."""

    side: Side
    open: list[Cell] = field(default_factory=list)
    closed: int = 0


def gaps_of(
    agreement: Agreement,
    parents: Sequence[Agreement],
    others: Iterable[Agreement],
    actors: ActorRegistry,
    uses: Sequence[Use],
    *,
    as_of: datetime | None = None,
    policy: Policy | None = None,
) -> Gaps:
    """What ``agreement`` with ``parents`` leaves out for those whom it binds, as of ``as_of``.

    Ranked: what is left out for every bound side before what is left out for some, then what ``others`` regulate or
    what was documented in ``uses``, then weapons of wide effect, then by the killed and the incidents documented.
    """
    instant = as_of or _instant_of(agreement, parents)
    texts = tuple(as_if_in_force(one) for one in (agreement, *parents))
    tallies = _tallies(texts, actors, instant, policy)
    elsewhere = {
        one.agreement_id: _regulated(as_if_in_force(one), actors, one.start or instant)
        for one in others
        if one.agreement_id not in {text.agreement_id for text in texts}
    }
    gaps = [gap for subject, by_side in tallies.items() if (gap := _gap(subject, by_side, elsewhere, uses)) is not None]
    return Gaps(agreement, tuple(parents), instant, tuple(sorted(gaps, key=_rank)), *_provisions(texts))


def subject_of(means: Means) -> str:
    """What a gap is told of: the weapon of an attack, else the conduct."""
    if CONDUCT_FAMILY[means.conduct] != "attack":
        return means.conduct
    return means.weapon


def _instant_of(agreement: Agreement, parents: Sequence[Agreement]) -> datetime:
    starts = [one.start for one in (agreement, *parents) if one.start is not None]
    return starts[0] if starts else ANY_TIME


def _tallies(
    texts: Sequence[Agreement], actors: ActorRegistry, instant: datetime, policy: Policy | None
) -> dict[str, dict[str, _Tally]]:
    """For every subject and side bound: how many cells some text regulates, and those that none does."""
    policies = [policy or one.default_policy for one in texts]
    sides = sides_at(texts, actors, instant)
    tallies: dict[str, dict[str, _Tally]] = {}
    grounds = grounds_of(texts, policies)
    for group in alike(means_of(texts), texts, actors):
        for cell in cells_of(sides, group[:1], grounds, texts):
            if cell.aim.side is not None and not _bound(cell.aim.side):
                continue  # whom no text binds it need not protect: excluded groups, third states
            facts = cell.facts(instant)
            closed = any(
                outcome_of(text, facts, actors, wanted).regulated for text, wanted in zip(texts, policies, strict=True)
            )
            for means in group:
                by_side = tallies.setdefault(subject_of(means), {})
                tally = by_side.setdefault(cell.side.label, _Tally(cell.side))
                if closed:
                    tally.closed += 1
                else:
                    tally.open.append(cell._replace(means=means))
    return tallies


def _regulated(text: Agreement, actors: ActorRegistry, instant: datetime) -> dict[str, frozenset[str]]:
    """For every subject: the actors for whom ``text`` alone prohibits it in some cell."""
    found: dict[str, set[str]] = {}
    sides = sides_at((text,), actors, instant)
    grounds = grounds_of((text,), (text.default_policy,))
    for group in alike(means_of((text,)), (text,), actors):
        for cell in cells_of(sides, group[:1], grounds, (text,)):
            if outcome_of(text, cell.facts(instant), actors).word in (Word.PROHIBITED, Word.CONTESTED):
                for means in group:
                    found.setdefault(subject_of(means), set()).update(cell.side.actors)
    return {subject: frozenset(ids) for subject, ids in found.items()}


def _gap(
    subject: str,
    by_side: Mapping[str, _Tally],
    elsewhere: Mapping[str, Mapping[str, frozenset[str]]],
    uses: Sequence[Use],
) -> Gap | None:
    """The gap that the tallies of one subject show, if any."""
    silent = [one for one in by_side.values() if not one.closed]
    partial = [one for one in by_side.values() if one.closed and one.open]
    if not silent and not partial:
        return None
    told = [cell for one in silent or partial for cell in one.open]
    actors = {actor for one in silent for actor in one.side.actors}
    documented = [use for use in uses if _is_of(use, subject) and actors.issuperset(use.facts.perpetrators or ("",))]
    return Gap(
        subject,
        _labels(silent),
        _labels(partial),
        tuple(sorted({cell.means.conduct for cell in told})),
        tuple(sorted({cell.aim.label for cell in told})),
        tuple(sorted({cell.ground.label for cell in told})),
        len(silent) == len(by_side),
        tuple(sorted(name for name, subjects in elsewhere.items() if subjects.get(subject, frozenset()) & actors)),
        len(documented),
        sum(use.killed for use in documented),
    )


def _rank(gap: Gap) -> tuple[object, ...]:
    return (
        not gap.for_all,
        not gap.silent,
        not (gap.regulated_by or gap.incidents),
        not is_within(gap.subject, AREA_WEAPONS),
        -gap.killed,
        -gap.incidents,
        gap.subject,
    )


def _is_of(use: Use, subject: str) -> bool:
    told = subject_of(Means(use.facts.conduct, use.facts.weapon))
    return subject in (told, top_two_levels(told))


def _bound(side: Side) -> bool:
    return any(party != NON_PARTY for party in side.parties)


def _labels(tallies: Iterable[_Tally]) -> tuple[str, ...]:
    return tuple(sorted(one.side.label for one in tallies))


def _provisions(texts: Iterable[Agreement]) -> tuple[dict[Provision, tuple[str, ...]], tuple[str, ...]]:
    """The clauses by what they provide, and the procedures of which the file does not say it."""
    provided: dict[Provision, list[str]] = {}
    unclear = []
    for text in texts:
        for clause in text.text.clauses:
            for word in clause.provides:
                provided.setdefault(word, []).append(clause.id)
            if clause.modality is Modality.PROCEDURE and not clause.provides:
                unclear.append(clause.id)
    return {word: tuple(provided[word]) for word in Provision if word in provided}, tuple(unclear)
