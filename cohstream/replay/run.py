"""A run as others see it: what it believes, in the order of the digest. Replays are runs, and state directories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, Self

from cohstream.domain.canonical import canonical_json
from cohstream.domain.tally import Contribution, TallyKey
from cohstream.domain.vocabulary import Policy
from cohstream.errors import ConfigError, StateError
from cohstream.law import Agreement
from cohstream.local import store
from cohstream.local.session import Session, Settings
from cohstream.publish.digest import digest
from cohstream.publish.disclosure import public_incident
from cohstream.publish.records import assessment_record
from cohstream.replay import run_file
from cohstream.replay.results import Results
from cohstream.replay.run_file import RunFile

RUNS = "runs"
"""The folder of the state directory that replays are kept in, by run id."""


@dataclass(frozen=True)
class PartySaid:
    """A party as the law of the run declares it."""

    id: str
    label: str


@dataclass(frozen=True)
class AgreementSaid:
    """What a run kept of an agreement that it held incidents against."""

    agreement_id: str
    title: str
    status: str
    digest: str
    tz: str
    default_policy: Policy
    parties: Mapping[str, PartySaid]
    start: datetime | None
    ends: tuple[tuple[datetime, str], ...]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        parties = {one["id"]: PartySaid(**one) for one in record["parties"]}
        start, ends = record["start"], record["ends"]
        read = {
            "default_policy": Policy(record["default_policy"]),
            "parties": parties,
            "start": start and datetime.fromisoformat(start),
            "ends": tuple((datetime.fromisoformat(end), authority) for end, authority in ends),
        }
        return cls(**{**record, **read})


def agreement_kept(agreement: Agreement) -> dict[str, Any]:
    """What a run keeps of ``agreement``; :meth:`AgreementSaid.of` reads it."""
    return {
        "agreement_id": agreement.agreement_id,
        "title": agreement.title,
        "status": str(agreement.status),
        "digest": agreement.digest,
        "tz": agreement.tz,
        "default_policy": agreement.default_policy.value,
        "parties": [{"id": party.id, "label": party.label} for party in agreement.parties.values()],
        "start": agreement.start and agreement.start.isoformat(),
        "ends": [(end.isoformat(), authority) for end, authority in agreement.ends],
    }


class Run(Protocol):
    """What two runs are compared by, and what is exported of one."""

    name: str
    law: str
    knowledge: str
    digest: str
    agreements: Mapping[str, AgreementSaid]

    def incidents(self) -> Iterator[tuple[str, bytes]]:
        """Id and canonical JSON of each incident in its public form, by id."""

    def assessments(self) -> Iterator[tuple[str, str, bytes]]:
        """Incident, agreement and canonical JSON of each assessment, in that order."""

    def tallies(self) -> Iterator[tuple[TallyKey, int]]:
        """The non-zero tallies, by key."""

    def daily(self) -> Iterator[tuple[str, Mapping[Contribution, int]]]:
        """What incidents contribute, by event day in order; ``undetermined`` comes last."""

    def close(self) -> None: ...


class Replayed:
    """The finished replay in ``directory``. Raises :class:`StateError` if there is none, or it is not finished."""

    def __init__(self, directory: Path) -> None:
        self._file = RunFile.open(directory, to_read=True)
        self.name = str(self._file["id"])
        if not self._file.get("position", {}).get("finished"):
            self._file.close()
            raise StateError(
                f"run {self.name} is not finished; go on with it: cohstream replay --resume --run {self.name}"
            )
        self.law, self.knowledge, self.digest = (str(self._file[name]) for name in ("law", "knowledge", "digest"))
        self.agreements: Mapping[str, AgreementSaid] = {
            one["agreement_id"]: AgreementSaid.of(one) for one in self._file["agreements"]
        }
        results = Results(self._file)
        self.incidents, self.assessments = results.incidents, results.assessments
        self.tallies, self.daily = results.tallies, results.daily

    def close(self) -> None:
        self._file.close()


class Kept:
    """What `cohstream run` keeps in a state directory, derived anew under the law of today."""

    def __init__(self, directory: Path) -> None:
        self._session = Session(Settings(state=directory, looking=True))
        self._session.rebuild()
        self.name = str(directory)
        self.law, self.knowledge = self._session.law, self._session.knowledge.digest
        self.digest = digest(self._session.ledger)
        self.agreements: Mapping[str, AgreementSaid] = {
            name: AgreementSaid.of(agreement_kept(one)) for name, one in self._session.agreements.items()
        }

    def incidents(self) -> Iterator[tuple[str, bytes]]:
        for incident_id, incident in sorted(self._session.ledger.incidents.items()):
            yield incident_id, canonical_json(public_incident(incident))

    def assessments(self) -> Iterator[tuple[str, str, bytes]]:
        for one in self._session.ledger.assessments():
            yield one.incident_id, one.agreement, canonical_json(assessment_record(one))

    def tallies(self) -> Iterator[tuple[TallyKey, int]]:
        yield from sorted(self._session.ledger.tallies().items())

    def daily(self) -> Iterator[tuple[str, Mapping[Contribution, int]]]:
        by_day: dict[str, dict[Contribution, int]] = {}
        for contribution, count in self._session.ledger.counts.items():
            by_day.setdefault(contribution.event_day, {})[contribution] = count
        yield from sorted(by_day.items())

    def close(self) -> None:
        self._session.close()


def find_run(named: str, state: Path) -> Run:
    """The run that ``named`` is: a replay's id (kept under ``state``), or the directory of a replay or a state.

    Raises :class:`ConfigError` if there is none, :class:`StateError` if it cannot be used.
    """
    directory = replay_named(named, state)
    if directory is not None:
        return Replayed(directory)
    if (Path(named) / store.FILE_NAME).is_file():
        return Kept(Path(named))
    raise ConfigError(
        f"there is no run {named!r} under {state / RUNS}, nor a state directory of that name{told_runs(state)}; "
        "name a run id, or the directory given to --state"
    )


def replay_named(named: str, state: Path) -> Path | None:
    """The directory of the replay that ``named`` is: its id (kept under ``state``), or that directory itself."""
    for directory in (state / RUNS / named, Path(named)):
        if (directory / run_file.FILE_NAME).is_file():
            return directory
    return None


def told_runs(state: Path) -> str:
    """The runs kept under ``state``, for a message; empty if there are none."""
    there = sorted(one.parent.name for one in (state / RUNS).glob(f"*/{run_file.FILE_NAME}"))
    return f"; runs there are: {', '.join(there)}" if there else ""
