"""The Faust application: two agents over record batches, two tables, and when it is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import faust
from yarl import URL

from cohstream.engine.context import Context
from cohstream.errors import CohstreamError
from cohstream.knowledge import load_knowledge
from cohstream.law import law_digest
from cohstream.live import intake, statement
from cohstream.live.lease import BEATS_A_SESSION
from cohstream.live.record_batch import RecordBatchConsumer, RecordBatchSchema, RecordBatchTransport
from cohstream.live.rows import RowTable
from cohstream.live.ruleset import Ruleset
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import CLAIMS, REPORTS, changelog
from cohstream.live.worker import Worker
from cohstream.local.session import Settings, chosen_agreements

QUEUED_BATCHES = 16
"""Batches that wait for an agent; more are not fetched, so memory stays bounded."""


class LiveApp(faust.App):
    """A Faust app whose consumer hands out record batches."""

    worker: Worker

    def _new_transport(self) -> RecordBatchTransport:
        return RecordBatchTransport(self.conf.broker_consumer, self, linger=self.worker.settings.linger)

    @property
    def batches(self) -> RecordBatchConsumer:
        consumer: Any = self.consumer
        assert isinstance(consumer, RecordBatchConsumer)
        return consumer

    async def on_first_start(self) -> None:
        """Take up the law, and connect, before the group is joined."""
        await self.worker.start()
        await super().on_first_start()

    async def on_shutdown(self) -> None:
        """Let go once the last batch is over."""
        await super().on_shutdown()
        await self.worker.stop()


def create_app(settings: LiveSettings, on_step: Callable[[str], None] = lambda _: None) -> LiveApp:
    """The worker as a Faust app, ready to be run by ``faust.Worker``. Raises ConfigError or DataError."""
    knowledge = load_knowledge()
    agreements = chosen_agreements(Settings(settings.agreement, settings.agreements))
    ruleset = Ruleset(law_digest(agreements), knowledge.digest, settings.partitions)
    context = Context.of(knowledge, agreements)
    app = _faust_app(settings)
    worker = app.worker = Worker(settings, context, agreements, ruleset, on_step)
    worker.consumer = lambda: app.batches
    worker.intake.rows = _table(app, settings, "intake", intake.merge_rows)
    worker.claims.rows = _table(app, settings, "claims", statement.newer)

    @app.agent(_topic(app, settings.topic(REPORTS)), name="intake", concurrency=1)
    async def take_reports(stream: Any) -> None:
        async for event in stream.noack().events():
            async with _whole_or_nothing(app, event):
                await worker.take_reports(event.value)

    @app.agent(_topic(app, settings.topic(CLAIMS)), name="assess", concurrency=1)
    async def take_claims(stream: Any) -> None:
        async for event in stream.noack().events():
            async with _whole_or_nothing(app, event):
                await worker.take_claims(event.value)

    async def recovered() -> None:
        claims = settings.topic(CLAIMS)
        owned = {tp.partition for tp in app.batches.assignment() if tp.topic == claims}
        try:
            await worker.recover(owned, app.consumer_generation_id)
        except CohstreamError as error:
            await app.crash(error)  # Faust only warns of what recovery raises, and tries again
            raise

    async def revoked(*_: Any, **__: Any) -> None:
        worker.forget_gauges()

    async def assigned(*_: Any, **__: Any) -> None:
        worker.begin_recovery()

    worker.claims.rows.on_recover(recovered)
    app.on_partitions_revoked.connect(revoked, weak=False)
    app.on_partitions_assigned.connect(assigned, weak=False)
    return app


class _whole_or_nothing:  # noqa: N801 (a context manager reads as a phrase)
    """Lets a batch go once it is over; a fault in it ends the worker, since its offsets may not be passed over."""

    def __init__(self, app: LiveApp, event: Any) -> None:
        self._app, self._event = app, event

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        self._event.ack()
        if isinstance(error, Exception):
            self._app.conf.stream_wait_empty = False  # nothing more is taken, so nothing is waited for
            await self._app.crash(error)
            await asyncio.Event().wait()
        return False


def _faust_app(settings: LiveSettings) -> LiveApp:
    return LiveApp(
        settings.group_id,
        broker=[URL(f"kafka://{one}") for one in settings.brokers.split(",")],
        broker_credentials=_credentials(settings),
        store="rocksdb://",
        datadir=str(settings.state_dir),
        origin="cohstream.live",
        autodiscover=False,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=settings.instance,
        consumer_max_fetch_size=settings.batch_bytes,
        broker_max_poll_records=settings.batch_records,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=settings.session_timeout / BEATS_A_SESSION,
        broker_rebalance_timeout=60.0,
        broker_request_timeout=90.0,
        broker_commit_interval=settings.commit_interval,
        stream_buffer_maxsize=QUEUED_BATCHES,
        stream_wait_empty=True,
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_partitions=settings.partitions,
        web_enabled=False,
        value_serializer="raw",
        key_serializer="raw",
    )


def _credentials(settings: LiveSettings) -> Any:
    context = settings.ssl_context()
    if settings.sasl_mechanism:
        return faust.SASLCredentials(
            username=settings.sasl_username,
            password=settings.sasl_password.get_secret_value(),
            mechanism=settings.sasl_mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context=context) if context else None


def _topic(app: LiveApp, name: str) -> Any:
    return app.topic(name, schema=RecordBatchSchema(key_serializer="raw", value_serializer="raw"), internal=False)


def _table(app: LiveApp, settings: LiveSettings, name: str, merge: Callable[[bytes, bytes], bytes]) -> RowTable:
    table = RowTable(app, name, merge, changelog(settings, name), settings.partitions)
    app.tables.add(table)
    return table
