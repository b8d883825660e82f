"""One group, one law: workers that differ in law, knowledge or partition count refuse to run together."""

from __future__ import annotations

from contextlib import aclosing
from typing import NamedTuple

import orjson

from cohstream.domain.canonical import canonical_json
from cohstream.errors import ConfigError
from cohstream.live.scan import records_of
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import RULESET
from cohstream.live.writer import Outbox, Outgoing, Writer


class Ruleset(NamedTuple):
    """What the state of a group was made under."""

    law: str
    knowledge: str
    partitions: int


async def hold_to(settings: LiveSettings, ruleset: Ruleset) -> None:
    """Record ``ruleset`` as the group's, or check it against the one recorded.

    Raises :class:`ConfigError` where they differ, with the remedy.
    """
    found = await recorded(settings)
    if found is None:
        writer = Writer(settings)
        await writer.start()
        try:
            outbox = Outbox()
            body = canonical_json(ruleset._asdict())
            outbox.add(settings.topic(RULESET), 0, Outgoing(settings.group_id.encode(), body))
            await writer.write(outbox)
        finally:
            await writer.stop()
        found = await recorded(settings)
    if found is not None:
        refuse_other(settings, found, ruleset)


def refuse_other(settings: LiveSettings, found: Ruleset, ruleset: Ruleset) -> None:
    """Raises :class:`ConfigError`, with the remedy, if ``ruleset`` is not the one ``found`` on record."""
    if found != ruleset:
        differing = [
            f"{name} ({one}, ours is {other})"
            for name, one, other in zip(Ruleset._fields, found, ruleset, strict=True)
            if one != other
        ]
        raise ConfigError(
            f"the group {settings.group_id} runs under another {' and another '.join(differing)}; run the same "
            "release and agreements everywhere, or replay into another prefix, compare, and switch"
        )


async def recorded(settings: LiveSettings) -> Ruleset | None:
    """The first ruleset recorded for the group: of two workers that start together one is first for both."""
    async with aclosing(records_of(settings, RULESET)) as records:
        async for record in records:
            if record.key == settings.group_id.encode():
                return Ruleset(**orjson.loads(record.value))
    return None
