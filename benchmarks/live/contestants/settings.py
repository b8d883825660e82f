"""What a contestant is told: its brokers, topics and state directory, as ``cohstream worker`` is."""

from __future__ import annotations

import logging
from typing import Any

from cohstream.live.settings import LiveSettings


def told() -> LiveSettings:
    """The settings in the environment; logs at WARNING, as the worker's."""
    logging.basicConfig(level=logging.WARNING)
    return LiveSettings()


def plain_faust(settings: LiveSettings, **given: Any) -> Any:
    """A plain Faust app with a RocksDB store: defaults, but for names, places, partitions, and no web server."""
    import faust

    return faust.App(
        settings.group_id,
        broker=f"kafka://{settings.brokers}",
        store="rocksdb://",
        datadir=str(settings.state_dir),
        topic_partitions=settings.partitions,
        broker_session_timeout=settings.session_timeout,
        broker_request_timeout=90.0,
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
        **given,
    )


def run_faust(app: Any) -> None:
    """Run a Faust app until the process is killed."""
    import faust

    faust.Worker(app, loglevel="WARNING", quiet=True, redirect_stdouts=False).execute_from_commandline()


def quix_application(settings: LiveSettings) -> Any:
    """A Quix Streams application: defaults (exactly its ``at-least-once``), but for names, places and the session."""
    from quixstreams import Application

    return Application(
        broker_address=settings.brokers,
        consumer_group=settings.group_id,
        auto_offset_reset="earliest",
        state_dir=settings.state_dir,
        loglevel="WARNING",
        consumer_extra_config={"session.timeout.ms": int(settings.session_timeout * 1000)},
    )
