"""Moments of knowledge as a person writes them: a time with its offset, or a day."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from cohstream.engine.context import ZONE
from cohstream.engine.days import INSTANT, ONE_DAY
from cohstream.errors import ConfigError, ReportError
from cohstream.importers.moments import day_start, parse_moment

AsKnownAtOption = Annotated[
    str | None,
    typer.Option(
        "--as-known-at",
        help="Read only what had been received by then: a time with its offset, or a date, to the end of that day.",
        metavar="TIME",
    ),
]


def end_of(text: str, option: str) -> datetime:
    """The moment that ``text`` names; of a date, the last moment of that day in the zone of event days.

    Raises :class:`ConfigError`, naming ``option``.
    """
    return _moment(text, option, days=1)


def before(text: str, option: str) -> datetime:
    """The moment that ``text`` names; of a date, the last moment before that day. Raises as :func:`end_of`."""
    return _moment(text, option, days=0)


def known_at(text: str | None) -> datetime | None:
    """The moment given to ``--as-known-at``; ``None`` if it was left out. Raises as :func:`end_of`."""
    return None if text is None else end_of(text, "--as-known-at")


def reading(moment: datetime | None) -> str:
    """Which reading an answer is, for a person."""
    if moment is None:
        return "As known by all reports received."
    return f"As known at {shown(moment)}; what was received later is left out."


def shown(moment: datetime) -> str:
    """``moment`` for a person, in the zone of event days."""
    return moment.astimezone(ZONE).isoformat()


def _moment(text: str, option: str, days: int) -> datetime:
    try:
        moment = parse_moment(text, option)
    except ReportError:
        moment = None
    if isinstance(moment, datetime):
        if moment.tzinfo is not None:
            return moment
        moment = None
    if moment is None:
        raise ConfigError(
            f"{option} is {text!r}; write a time with its offset from UTC, as 2016-03-01T18:00:00+02:00, "
            f"or a date, as 2016-03-01, for that day in {ZONE.key}"
        )
    return day_start(moment + days * ONE_DAY, ZONE) - INSTANT
