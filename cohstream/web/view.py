"""What the page looks at: one ledger, its metrics, and how far the reading has come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, Self

from cohstream.domain.incident import Incident
from cohstream.engine.assess import facts_in
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.law import Agreement
from cohstream.law.questions import Inquirer, Questions
from cohstream.publish.belief import AgreementInfo
from cohstream.publish.membership import NOT_KEPT, Membership, membership_of


class Exposed(Protocol):
    """The metrics of the process; ``ready`` once all of the ledger is there."""

    @property
    def ready(self) -> bool: ...

    def exposition(self, accept: str = "") -> tuple[bytes, str]:
        """The exposition and its content type, for a request with the header ``accept``."""


@dataclass(slots=True)
class Progress:
    """How far the reading has come, in records; ``total`` if it is known beforehand, ``None`` for what nobody knows."""

    read: int = 0
    accepted: int | None = 0
    duplicate: int | None = 0
    rejected: int | None = 0
    event_time: datetime | None = None
    total: int | None = None
    finished: bool = False

    def state(self) -> tuple[int, int | None, bool]:
        """Equal as long as there is nothing new to show."""
        return self.read, self.rejected, self.finished


@dataclass(frozen=True)
class View:
    """Everything the app shows. The ledger may change only on the event loop that serves the app.

    ``resolve`` gives the current id of an incident, also for a former one; ``actor_name`` an actor's name,
    ``questions`` what is missing of an incident, first what would change most, ``membership`` why its members are in.
    """

    ledger: Ledger
    metrics: Exposed
    agreements: Mapping[str, AgreementInfo]
    title: str
    resolve: Callable[[str], str | None]
    progress: Progress = field(default_factory=Progress)
    actor_name: Callable[[str], str] = str
    questions: Callable[[Incident], Questions] = lambda _: ()
    membership: Callable[[Incident], Membership] = lambda _: NOT_KEPT

    @classmethod
    def over(
        cls,
        ledger: Ledger,
        metrics: Exposed,
        agreements: Mapping[str, Agreement],
        context: Context,
        title: str,
        progress: Progress,
    ) -> Self:
        """The view over ``ledger``, with names and questions by the law and knowledge it is derived from."""
        actors = context.resolver.knowledge.actors
        inquirer = Inquirer(agreements, actors)
        return cls(
            ledger,
            metrics,
            agreements,
            title,
            ledger.resolve,
            progress,
            lambda actor_id: actors.actor(actor_id).name,
            lambda incident: inquirer.questions(facts_in(ledger, incident)),
            lambda incident: membership_of(ledger, incident, context),
        )
