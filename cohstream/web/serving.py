"""Serving a session's page and metrics beside the reading, in one event loop."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from types import TracebackType
from typing import Self

import uvicorn

from cohstream.engine.batch import Outcome
from cohstream.errors import ConfigError
from cohstream.local.session import Session
from cohstream.web.app import create_app
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
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"cannot serve at {host}:{port}: {error.strerror or error}; choose another address or port"
        ) from None
    return listener


class Page:
    """The page and metrics of one session, served while the ``async with`` block runs.

    Raises :class:`ConfigError` on entry if the address cannot be bound.
    """

    def __init__(self, session: Session, address: tuple[str, int], title: str, total: int | None = None) -> None:
        self._session = session
        self._address = address
        self._progress = Progress(total=total)
        view = View(
            ledger=session.ledger,
            metrics=session.metrics,
            agreements=session.agreements,
            title=title,
            resolve=session.ledger.resolve,
            progress=self._progress,
            actor_name=lambda actor_id: session.knowledge.actors.actor(actor_id).name,
        )
        self._server = uvicorn.Server(
            uvicorn.Config(create_app(view), log_level="warning", timeout_graceful_shutdown=1, lifespan="off")
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
        self._progress.finished = finished

    async def until_stopped(self) -> None:
        """Wait until the server stops or the person interrupts."""
        await self._task
