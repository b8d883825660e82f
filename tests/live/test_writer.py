"""What a writer writes is acknowledged; what it may not write any more never reaches the log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from cohstream.errors import StateError
from cohstream.live.scan import records_of
from cohstream.live.settings import LiveSettings
from cohstream.live.writer import Outbox, Outgoing, Writer
from tests.deployments import Deployment


def outbox_of(settings: LiveSettings, *values: bytes) -> Outbox:
    outbox = Outbox()
    for value in values:
        outbox.add(settings.topic("changes"), 1, Outgoing(b"key", value))
    return outbox


async def values_of(settings: LiveSettings) -> list[bytes]:
    return [record.value async for record in records_of(settings, "changes")]


async def test_a_lease_that_is_lost_in_the_middle_of_a_write_ends_it(deploy: Callable[..., Deployment]) -> None:
    settings = (await deploy_async(deploy)).settings
    allowed = [True]
    writer = Writer(settings, lambda: allowed[0])
    await writer.start()
    try:
        offsets = await writer.write(outbox_of(settings, b"before", b"before too"))
        assert offsets == {(settings.topic("changes"), 1): 1}
        allowed[0] = False
        with pytest.raises(StateError, match="stood still"):
            await writer.write(outbox_of(settings, b"after"))
    finally:
        await writer.stop()
    assert await values_of(settings) == [b"before", b"before too"]


async def test_a_record_that_is_too_large_is_named(deploy: Callable[..., Deployment]) -> None:
    settings = (await deploy_async(deploy)).settings
    writer = Writer(settings)
    await writer.start()
    try:
        with pytest.raises(StateError, match="b'key' has 9,437,184 bytes"):
            await writer.write(outbox_of(settings, bytes(9 << 20)))
    finally:
        await writer.stop()


async def deploy_async(deploy: Callable[..., Deployment]) -> Deployment:
    """A deployment's own set-up runs an event loop, so it is done in a thread."""
    return await asyncio.to_thread(deploy)
