"""The doctor: checks a deployment and says what to do. It reads, and never writes anything anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from cohstream.errors import CohstreamError, ConfigError
from cohstream.live import topics
from cohstream.live.connection import admin_of
from cohstream.live.doctor import brokers
from cohstream.live.doctor.check import Check, Level, fail, refused
from cohstream.live.doctor.clock import check_clock
from cohstream.live.doctor.endpoints import check_endpoint, default_url
from cohstream.live.doctor.machine import check_packages, check_state_dir
from cohstream.live.doctor.records import check_records, latest_records
from cohstream.live.settings import LiveSettings

__all__ = ["Check", "Level", "examine"]

STEP_SECONDS = 60.0
"""How long one question to the brokers may take."""


async def examine(settings: LiveSettings, urls: Sequence[str] = ()) -> list[Check]:
    """Every check of the deployment of ``settings``; ``urls`` are of workers and of ``serve``.

    What cannot be asked is a check that failed: nothing is raised for a deployment that is ill.
    """
    checks, latest = await _of_brokers(settings)
    ahead: dict[str, float] = {}
    for url in urls or (default_url(settings),):
        found, seconds = await asyncio.to_thread(check_endpoint, url, bool(urls))
        checks += found
        if seconds is not None:
            ahead[url] = seconds
    return [*checks, *check_clock(latest, ahead), check_state_dir(settings.state_dir), check_packages()]


async def _of_brokers(settings: LiveSettings) -> tuple[list[Check], dict[str, list[ConsumerRecord]]]:
    """The checks that brokers answer, and the latest records."""
    latest: dict[str, list[ConsumerRecord]] = {}
    checks: list[Check] = []

    async def look(name: str, asked: Awaitable[list[Check]]) -> None:
        try:
            async with asyncio.timeout(STEP_SECONDS):
                checks.extend(await asked)
        except CohstreamError as error:
            checks.append(refused(name, error))
        except (KafkaError, TimeoutError) as error:
            remedy = "check that all brokers are up, and what this login may do"
            checks.append(fail(name, f"the brokers do not answer: {error!r}", remedy))

    async def read() -> list[Check]:
        latest.update(await latest_records(settings, consumer, there))
        return check_records(latest)

    try:
        async with admin_of(settings) as admin:
            await look("brokers", brokers.check_brokers(settings, admin))
            there = await brokers.topics_of(settings, admin)
            await look("topics", brokers.check_topics(settings, there))
            if settings.topic(topics.RULESET) in there:
                await look("ruleset", brokers.check_ruleset(settings))
            await look("group", brokers.check_group(settings, admin))
            if not there:
                return checks, latest  # nothing to read; aiokafka cannot stop a consumer that never asked for anything
            consumer = AIOKafkaConsumer(**settings.client(), enable_auto_commit=False, isolation_level="read_committed")
            try:
                await consumer.start()
                await look("lag", brokers.check_lag(settings, admin, consumer, there))
                await look("records", read())
            finally:
                await consumer.stop()
    except ConfigError as error:
        told = refused("brokers", error)
        remedy = f"{told.remedy}. Topics, ruleset, group, lag, records: not looked at, or not all"
        checks.append(told._replace(remedy=remedy))
    return checks, latest
