"""``cohstream worker``: the live driver on Kafka."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from cohstream.cli.console import EXIT_COULD_NOT_RUN
from cohstream.cli.logs import OURS, start_logs
from cohstream.errors import CohstreamError, ConfigError, StateError
from cohstream.web.serving import address_of, listen

HELP = """Run a worker: reports on Kafka in, incidents, assessments, changes and tallies out.

Start as many as there are partitions at most; they share the work and take over from each other. Settings come
from options, else the environment, else the TOML file of --config, which has the same names in small letters without
COHSTREAM_: COHSTREAM_BROKERS, _PREFIX, _GROUP, _INSTANCE (a name that stays with the worker over restarts),
_PARTITIONS, _REPLICATION, _STATE_DIR, _HTTP (metrics and readiness), _AGREEMENTS, _AGREEMENT, _SESSION_TIMEOUT,
_BATCH_RECORDS, _BATCH_BYTES, _LINGER, _LOG (json or text), _TLS, _TLS_CA, _TLS_CERTIFICATE, _TLS_KEY,
_SASL_MECHANISM, _SASL_USERNAME, _SASL_PASSWORD.

Examples:

  cohstream topics create

  COHSTREAM_BROKERS=kafka:9092 COHSTREAM_STATE_DIR=/var/lib/cohstream cohstream worker
"""

log = logging.getLogger(OURS)


def worker(
    config: Annotated[str | None, typer.Option(help="Settings as TOML.", metavar="FILE")] = None,
    brokers: Annotated[str | None, typer.Option(help="Kafka brokers.", metavar="HOST:PORT,...")] = None,
    state: Annotated[str | None, typer.Option(help="Directory of the RocksDB state.", metavar="DIR")] = None,
    http: Annotated[str | None, typer.Option(help="Address of /metrics and /ready.", metavar="HOST:PORT")] = None,
) -> None:
    from cohstream.live.settings import load_settings

    asked = os.environ.get("COHSTREAM_LOG")
    start_logs("text" if asked == "text" else "json" if asked == "json" else "auto")
    try:
        settings = load_settings(config=config, brokers=brokers, state_dir=state, http=http)
        start_logs(settings.log)
        problem = run_worker(settings)
    except CohstreamError as error:
        problem = error
    if problem is not None:
        log.error(str(problem))
        raise typer.Exit(EXIT_COULD_NOT_RUN)


worker.__doc__ = HELP


def run_worker(settings: Any, on_step: Any = lambda _: None) -> CohstreamError | None:
    """Run a worker until it is told to stop; returns what ended it, if it was not that.

    Raises :class:`CohstreamError` if it cannot start.
    """
    from faust import Worker as FaustWorker
    from faust.exceptions import ConsistencyError

    from cohstream.live import topics
    from cohstream.live.app import create_app
    from cohstream.live.monitor import monitor_server

    asyncio.run(topics.verify(settings))
    _make(settings.state_dir)
    listener = listen(address_of(settings.http))
    app = create_app(settings, on_step)
    server = monitor_server(app.worker)
    told = {"group": settings.group_id, "instance": settings.instance}

    class Runner(FaustWorker):
        async def on_start(self) -> None:
            self._serving = asyncio.create_task(server._serve([listener]))
            await super().on_start()

        async def on_started(self) -> None:
            await super().on_started()
            where = f"http://{settings.http}/metrics"
            log.info("worker of group %s, metrics at %s (Ctrl-C ends)", settings.group_id, where, extra=told)

        async def on_shutdown(self) -> None:
            server.should_exit = True
            await super().on_shutdown()

    runner = Runner(app, loglevel="WARNING", quiet=True, redirect_stdouts=False, override_logging=False)
    runner.spinner = None
    reason: BaseException | None = None
    try:
        runner.execute_from_commandline()
    except SystemExit as ended:
        reason = app.crash_reason or (ended.__context__ if ended.code else None)
    finally:
        listener.close()
    if reason is None:
        log.info("stopped: all that was taken in is told, kept and committed", extra=told)
        return None
    if isinstance(reason, CohstreamError):
        return reason
    if isinstance(reason, ConsistencyError):
        return StateError(
            f"the state in {settings.state_dir} is ahead of its changelog: it is of other brokers, or these lost "
            "records; mend COHSTREAM_BROKERS, or remove that directory: the state is read back from the changelog"
        )
    return CohstreamError(f"the worker ended: {reason!r}; start it again, and report this with the log above")


def _make(directory: Path) -> None:
    """Raises :class:`ConfigError` if the state directory cannot be made or written."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"no state at {directory}: {error.strerror}; mend COHSTREAM_STATE_DIR") from None
    if not os.access(directory, os.W_OK | os.X_OK):
        raise ConfigError(f"no state at {directory}: it may not be written; mend COHSTREAM_STATE_DIR or its owner")
