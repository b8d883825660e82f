"""``cohstream worker``: the live driver on Kafka."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Annotated, Any

import typer

from cohstream.cli.console import say
from cohstream.errors import CohstreamError, ConfigError
from cohstream.web.serving import address_of

HELP = """Run a worker: reports on Kafka in, incidents, assessments, changes and tallies out.

Start as many as there are partitions at most; they share the work and take over from each other. Settings come
from the environment: COHSTREAM_BROKERS, COHSTREAM_PREFIX, COHSTREAM_GROUP, COHSTREAM_PARTITIONS, COHSTREAM_STATE_DIR,
COHSTREAM_HTTP (metrics and readiness), COHSTREAM_SESSION_TIMEOUT, COHSTREAM_TLS, COHSTREAM_TLS_CA,
COHSTREAM_SASL_MECHANISM, COHSTREAM_SASL_USERNAME, COHSTREAM_SASL_PASSWORD.

Examples:

  cohstream topics create

  COHSTREAM_BROKERS=kafka:9092 COHSTREAM_STATE_DIR=/var/lib/cohstream cohstream worker
"""


def worker(
    brokers: Annotated[str | None, typer.Option(help="Kafka brokers.", metavar="HOST:PORT,...")] = None,
    state: Annotated[str | None, typer.Option(help="Directory of the RocksDB state.", metavar="DIR")] = None,
    http: Annotated[str | None, typer.Option(help="Address of /metrics and /ready.", metavar="HOST:PORT")] = None,
) -> None:
    from cohstream.live.settings import load_settings

    settings = load_settings(brokers=brokers, state_dir=state, http=http)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    problem = run_worker(settings)
    if problem is not None:
        raise problem


worker.__doc__ = HELP


def run_worker(settings: Any, on_step: Any = lambda _: None) -> CohstreamError | None:
    """Run a worker until it is told to stop; returns what ended it, if it was not that."""
    from faust import Worker as FaustWorker

    from cohstream.live.app import create_app
    from cohstream.live.monitor import monitor_server

    app = create_app(settings, on_step)
    host, port = address_of(settings.http)
    server = monitor_server(app.worker, host, port)
    ended: list[BaseException] = []

    class Runner(FaustWorker):
        async def on_start(self) -> None:
            serving = asyncio.ensure_future(server._serve())
            await asyncio.sleep(0)
            if serving.done():
                serving.result()
            await super().on_start()

        async def on_shutdown(self) -> None:
            server.should_exit = True
            await super().on_shutdown()

    runner = Runner(app, loglevel="WARNING", quiet=True, redirect_stdouts=False, override_logging=False)
    say(f"cohstream: worker of group {settings.group_id}, metrics at http://{settings.http}/metrics (Ctrl-C ends)")
    try:
        with suppress(SystemExit):
            runner.execute_from_commandline()
    except CohstreamError as error:
        ended.append(error)
    reason = ended[0] if ended else app.crash_reason
    if reason is None:
        return None
    return reason if isinstance(reason, CohstreamError) else ConfigError(f"the worker ended: {reason!r}")
