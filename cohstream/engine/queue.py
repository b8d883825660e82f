"""The queue of open questions: what is missing over all incidents, ranked by the verdicts it would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from cohstream.domain.incident import Incident
from cohstream.engine.assess import facts_in
from cohstream.engine.ledger import Ledger
from cohstream.law.questions import Inquirer, Question

PLACE, INCIDENT = "place", "incident"


@dataclass
class OpenQuestion:
    """A missing fact of one agreement, asked once for all incidents that share it.

    ``about`` says what of (see :func:`cohstream.law.answers.about`); a place is that of the first incident. ``changes``
    counts, by answer, the verdicts (one an incident and policy) that it would change; ``parties`` are those whom the
    verdicts now are put to.
    """

    agreement: str
    fact: str
    about: tuple[str, ...]
    incidents: list[str] = field(default_factory=list)
    parties: set[str] = field(default_factory=set)
    changes: Counter[str] = field(default_factory=Counter)

    @property
    def worth(self) -> int:
        """How many verdicts the answer that changes most would change."""
        return max(self.changes.values(), default=0)


def open_questions(
    ledger: Ledger, inquirer: Inquirer, apart: Callable[[Incident], bool] = lambda _: False
) -> list[OpenQuestion]:
    """All open questions, those that would change most verdicts first.

    Incidents ``apart`` share no question about a place: beside others they would tell where they happened.
    """
    found: dict[tuple[object, ...], OpenQuestion] = {}
    for incident_id, incident in sorted(ledger.incidents.items()):
        for question in inquirer.questions(facts_in(ledger, incident)):
            subject = _subject(question, incident, apart(incident))
            known = found.get(subject)
            if known is None:
                known = found[subject] = OpenQuestion(question.agreement, question.fact, question.about)
            known.incidents.append(incident_id)
            known.parties.update(one.party for one in ledger.findings(incident_id, question.agreement) or ())
            known.changes.update({one.value: one.changes for one in question.outcomes})
    return sorted(
        found.values(), key=lambda one: (-one.worth, -len(one.incidents), one.agreement, one.fact, one.incidents)
    )


def _subject(question: Question, incident: Incident, apart: bool) -> tuple[object, ...]:
    """What makes questions of several incidents one: the same place, actors, clause or agreement."""
    about = question.about
    if about[0] == INCIDENT or (about[0] == PLACE and (apart or not incident.place.place_id)):
        return question.agreement, question.fact, incident.incident_id
    where = incident.place.place_id if about[0] == PLACE else ""
    return question.agreement, question.fact, about, where
