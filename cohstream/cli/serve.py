"""``cohstream serve``: page, intake and API in front of the live system."""

from __future__ import annotations

import logging
import os
from typing import Annotated

import typer

from cohstream.cli.console import EXIT_COULD_NOT_RUN
from cohstream.cli.logs import SERVE, start_logs
from cohstream.errors import CohstreamError
from cohstream.web.serving import address_of, listen

HELP = """Serve page, intake and API in front of the live system.

The page shows what the workers believe; reports come in at POST /v1/reports, described at /v1/openapi.json. It reads
topics only, has no state, and may be started as often as you like. Settings are those of `cohstream worker`, and
COHSTREAM_API_KEYS: a TOML file of the keys that callers need; without one it serves at 127.0.0.1 only.
COHSTREAM_HTTP is 127.0.0.1:8080 if left out. Metrics of what is believed are with the workers.

Examples:

  cohstream serve

  cohstream apikeys new SNHR > keys.toml

  COHSTREAM_BROKERS=kafka:9092 COHSTREAM_HTTP=0.0.0.0:8080 COHSTREAM_API_KEYS=keys.toml cohstream serve
"""

log = logging.getLogger(SERVE)


def serve(
    config: Annotated[str | None, typer.Option(help="Settings as TOML.", metavar="FILE")] = None,
    brokers: Annotated[str | None, typer.Option(help="Kafka brokers.", metavar="HOST:PORT,...")] = None,
    http: Annotated[str | None, typer.Option(help="Address of page and intake.", metavar="HOST:PORT")] = None,
    api_keys: Annotated[
        str | None, typer.Option(help="Who may post reports: a TOML file of keys.", metavar="FILE")
    ] = None,
) -> None:
    from cohstream.live.settings import ServeSettings, load_settings
    from cohstream.web.front import run_front

    asked = os.environ.get("COHSTREAM_LOG")
    start_logs("text" if asked == "text" else "json" if asked == "json" else "auto")
    try:
        settings = load_settings(ServeSettings, config=config, brokers=brokers, http=http, api_keys=api_keys)
        start_logs(settings.log)
        with listen(address_of(settings.http)) as listener:
            run_front(settings, listener)
    except CohstreamError as error:
        log.error(str(error))
        raise typer.Exit(EXIT_COULD_NOT_RUN) from None


serve.__doc__ = HELP
