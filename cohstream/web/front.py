"""Page, intake and API in front of the live system: ``cohstream serve``.

It follows the claims, and writes reports; it has no state of its own and may be started as often as one likes.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket

import uvicorn

from cohstream.engine.context import Context
from cohstream.knowledge import load_knowledge
from cohstream.law import law_digest
from cohstream.live import topics
from cohstream.live.follower import Follower
from cohstream.live.report_writer import ANSWER_SECONDS, ReportWriter
from cohstream.live.ruleset import Ruleset, recorded, refuse_other
from cohstream.live.settings import LiveSettings
from cohstream.local.session import Settings, chosen_agreements
from cohstream.web.admission import Admission, keys_for
from cohstream.web.app import create_app
from cohstream.web.front_metrics import FrontMetrics
from cohstream.web.intake import create_intake
from cohstream.web.intake_metrics import IntakeMetrics
from cohstream.web.serving import address_of
from cohstream.web.view import Progress, View

NOTE_SECONDS = 0.2
STOP_SECONDS = int(ANSWER_SECONDS) + 2
"""Longest wait for answers in flight when it is told to stop: as long as any of them may take to be kept."""
log = logging.getLogger("cohstream.serve")


class Front:
    """Everything that one ``cohstream serve`` runs. Raises ConfigError or DataError."""

    def __init__(self, settings: LiveSettings) -> None:
        knowledge = load_knowledge()
        agreements = chosen_agreements(Settings(settings.agreement, settings.agreements))
        self._settings = settings
        self._ruleset = Ruleset(law_digest(agreements), knowledge.digest, settings.partitions)
        context = Context.of(knowledge, agreements)
        self._follower = Follower(settings, context, self._ruleset)
        self._writer = ReportWriter(settings, self._ruleset.law)
        self._progress = Progress(accepted=None, duplicate=None, rejected=None)
        keys = keys_for(address_of(settings.http), settings.api_keys, knowledge.sources)
        intake = IntakeMetrics()
        metrics = FrontMetrics(self._follower, intake)
        view = View.over(self._follower.ledger, metrics, agreements, context, "cohstream serve", self._progress)
        app = create_app(view, create_intake(self._writer, Admission(keys, intake), intake))
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="warning",
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )
        if keys is None:
            log.warning("no API keys are set: everybody on this machine may post reports of every source")

    async def serve(self, listener: socket.socket) -> None:
        """Serve until a signal asks to stop: then nothing new is accepted, and what is in flight is answered.

        Raises :class:`CohstreamError` if it cannot start, or has to end.
        """
        await topics.verify(self._settings)
        found = await recorded(self._settings)
        if found is not None:
            refuse_other(self._settings, found, self._ruleset)
        await self._writer.start()
        following = asyncio.create_task(self._follower.follow())
        following.add_done_callback(lambda _: self._stop())
        noting = asyncio.create_task(self._note_progress())
        for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn raises them again once it has stopped
            signal.signal(number, lambda *_: None)
        log.info("page and intake at http://%s/ (Ctrl-C ends)", self._settings.http)
        try:
            await self._server.serve([listener])
        finally:
            following.cancel()
            noting.cancel()
            ended, _ = await asyncio.gather(following, noting, return_exceptions=True)
            await self._writer.stop()
        if isinstance(ended, Exception):
            raise ended

    def _stop(self) -> None:
        self._server.should_exit = True

    async def _note_progress(self) -> None:
        """Tell the page how far it is: claims read of those there at the start, then reports behind all claims."""
        follower, progress = self._follower, self._progress
        while True:
            progress.read = follower.reports if follower.caught_up else follower.read
            progress.total = None if follower.caught_up else follower.total or None
            await asyncio.sleep(NOTE_SECONDS)


def run_front(settings: LiveSettings, listener: socket.socket) -> None:
    """Serve at ``listener`` until told to stop. Raises :class:`CohstreamError`."""
    asyncio.run(Front(settings).serve(listener))
    log.info("stopped: every report that was answered as accepted is on its topic")
