"""One group, one law: workers that differ in law, knowledge or partition count refuse to run together.

Only the law may become another: it is taken up by the first worker that starts under it once no other one is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from time import monotonic
from typing import Any, NamedTuple

import orjson

from cohstream.domain.canonical import canonical_json
from cohstream.errors import ConfigError
from cohstream.live.connection import admin_of
from cohstream.live.scan import records_of
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import RULESET
from cohstream.live.writer import Outbox, Outgoing, Writer

REPLACES = "replaces"
"""The field of a record that names the law it takes the place of; the group's first record has none."""

NOBODY = ("Empty", "Dead")
"""States of a group without a member."""

LINGER_SECONDS = 2.0
"""How much longer than its session a worker that ended may be counted as a member."""


class Ruleset(NamedTuple):
    """What the state of a group was made under."""

    law: str
    knowledge: str
    partitions: int


async def hold_to(settings: LiveSettings, ruleset: Ruleset) -> None:
    """Record ``ruleset`` as the group's, or check it against the one recorded; a new law is taken up if nobody runs.

    Raises :class:`ConfigError` where they differ, with the remedy.
    """
    found = await recorded(settings)
    if found is None or (found != ruleset == found._replace(law=ruleset.law) and await _nobody_runs(settings)):
        await _record(settings, ruleset, found)
        found = await recorded(settings)
    if found is not None:
        refuse_other(settings, found, ruleset)


def refuse_other(settings: LiveSettings, found: Ruleset, ruleset: Ruleset) -> None:
    """Raises :class:`ConfigError`, with the remedy, if ``ruleset`` is not the one ``found`` on record."""
    if found == ruleset:
        return
    differing = [
        f"{name} ({one}, ours is {other})"
        for name, one, other in zip(Ruleset._fields, found, ruleset, strict=True)
        if one != other
    ]
    remedy = "replay into another prefix, compare by `cohstream diff`, and switch"
    if found._replace(law=ruleset.law) == ruleset:
        remedy = "stop all workers, and start them under the new law: what it changes is told; or " + remedy
    raise ConfigError(
        f"the group {settings.group_id} runs under another {' and another '.join(differing)}; run the same "
        f"release and agreements everywhere, or {remedy}"
    )


async def recorded(settings: LiveSettings) -> Ruleset | None:
    """The ruleset recorded for the group.

    A record counts if it replaces the one that held when it was written: of two workers that start together, one is
    first for both.
    """
    held: Ruleset | None = None
    async with aclosing(records_of(settings, RULESET)) as records:
        async for record in records:
            if record.key == settings.group_id.encode():
                body: Mapping[str, Any] = orjson.loads(record.value)
                if body.get(REPLACES) == (held and held.law):
                    held = Ruleset(*(body[name] for name in Ruleset._fields))
    return held


async def _record(settings: LiveSettings, ruleset: Ruleset, former: Ruleset | None) -> None:
    writer = Writer(settings)
    await writer.start()
    try:
        body = ruleset._asdict() | ({REPLACES: former.law} if former else {})
        outbox = Outbox()
        outbox.add(settings.topic(RULESET), 0, Outgoing(settings.group_id.encode(), canonical_json(body)))
        await writer.write(outbox)
    finally:
        await writer.stop()


async def _nobody_runs(settings: LiveSettings) -> bool:
    """Whether the group has no member, or loses the last one within a session: one that ended is missed only then."""
    until = monotonic() + settings.session_timeout + LINGER_SECONDS
    async with admin_of(settings) as admin:
        while True:
            (answer,) = await admin.describe_consumer_groups([settings.group_id])
            if all(error == 0 and state in NOBODY for error, _, state, *_ in answer.groups):
                return True
            if monotonic() > until:
                return False
            await asyncio.sleep(0.2)
