"""Serving a session's page and metrics beside the reading, in one event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from cohstream.engine.batch import Outcome
from cohstream.errors import ConfigError, NotKeptError, StateError
from cohstream.importers import Row
from cohstream.local.session import Session
from cohstream.web.admission import Admission, is_loopback, keys_for
from cohstream.web.app import create_app
from cohstream.web.intake import closed_intake, create_intake
from cohstream.web.intake_metrics import IntakeMetrics
from cohstream.web.view import Progress, View


def address_of(text: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``. Raises :class:`ConfigError` if it is not of that form."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65_535:
        raise ConfigError(f"{text!r} is no address; write HOST:PORT, e.g. 127.0.0.1:8080")
    return host.strip("[]"), int(port)


def listen(address: tuple[str, int]) -> socket.socket:
    """A socket bound to ``address``. Raises :class:`ConfigError` if that cannot be."""
    host, port = address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only where the protocol is named; it cost 40 ms an answer
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"cannot serve at {host}:{port}: {error.strerror or error}; choose another address or port"
        ) from None
    return listener


class SessionTaker:
    """Keeps posted rows in the log of a session: a row is kept once its transaction is on the disk.

    ``on_taken`` is called after each of them. After a write that failed nothing more is taken: ``on_failure``.
    """

    def __init__(
        self, session: Session, on_taken: Callable[[], None], on_failure: Callable[[StateError], None]
    ) -> None:
        self._session = session
        self._on_taken = on_taken
        self._on_failure = on_failure
        session.store.outlast_power_cuts()

    async def take(self, rows: Sequence[Row]) -> Sequence[Outcome]:
        """Keep ``rows`` and believe them. Raises :class:`NotKeptError`."""
        outcomes: list[Outcome] = []
        try:
            self._session.take(rows, lambda receipt: outcomes.append(receipt.outcome))
        except StateError as error:
            self._on_failure(error)
            raise NotKeptError(f"nothing was taken: {error}") from error
        self._on_taken()
        return outcomes


class Page:
    """The page and metrics of one session, served while the ``async with`` block runs.

    It takes reports too where they are kept: the session has a state directory, and callers have keys from the file
    ``keys`` or are on this machine; ``closed`` says why it does not. Raises :class:`ConfigError` on entry if the
    address cannot be bound.
    """

    def __init__(
        self,
        session: Session,
        address: tuple[str, int],
        title: str,
        total: int | None = None,
        keys: Path | None = None,
    ) -> None:
        self._session = session
        self._address = address
        self._failure: StateError | None = None
        self.closed = _why_closed(session, address, keys)
        self._progress = Progress(total=total)
        view = View.over(
            session.ledger,
            session.metrics,
            session.agreements,
            session.context,
            title,
            self._progress,
        )
        self._server = uvicorn.Server(
            uvicorn.Config(
                create_app(view, self._intake(keys)), log_level="warning", timeout_graceful_shutdown=1, lifespan="off"
            )
        )
        self.url = ""

    async def __aenter__(self) -> Self:
        host, _ = self._address
        listener = listen(self._address)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{listener.getsockname()[1]}/"
        self._listener = listener
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        with suppress(asyncio.CancelledError):
            await self._task
        self._listener.close()

    def note(self, finished: bool) -> None:
        """Tell the page how far the reading has come."""
        counts = self._session.counts
        self._progress.read = counts.read
        self._progress.accepted = counts.outcomes[Outcome.ACCEPTED]
        self._progress.duplicate = counts.outcomes[Outcome.DUPLICATE]
        self._progress.rejected = counts.outcomes[Outcome.REJECTED]
        self._progress.event_time = self._session.ledger.watermark
        self._progress.finished = finished and bool(self.closed)

    async def until_stopped(self) -> None:
        """Wait until the server stops or the person interrupts. Raises :class:`StateError` if reports can't be kept."""
        await self._task
        if self._failure is not None:
            raise self._failure

    def _intake(self, keys: Path | None) -> ASGIApp:
        if self.closed:
            return closed_intake(self.closed)
        metrics = IntakeMetrics()
        self._session.metrics.expose_too(metrics)
        taker = SessionTaker(self._session, lambda: self.note(finished=False), self._fail)
        known = keys_for(self._address, keys, self._session.knowledge.sources)
        return create_intake(taker, Admission(known, metrics), metrics)

    def _fail(self, error: StateError) -> None:
        self._failure = error
        self._server.should_exit = True


def _why_closed(session: Session, address: tuple[str, int], keys: Path | None) -> str:
    """Why reports are not taken by HTTP, empty if they are."""
    if not session.outlasts_us:
        return "no reports are taken here, they would be gone when this ends; start it with --state DIR"
    if keys is None and not is_loopback(address[0]):
        return "no reports are taken here without keys; start it with --api-keys FILE, or at 127.0.0.1"
    return ""
