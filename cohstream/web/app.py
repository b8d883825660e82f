"""The web app: page, its data, its events, metrics and probes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from importlib.resources import files
from typing import Any

import orjson
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from cohstream.publish.disclosure import area_names
from cohstream.publish.reasons import wording
from cohstream.web.incidents import Incidents
from cohstream.web.kept import Answer, Kept
from cohstream.web.security import SecurityHeaders
from cohstream.web.selection import Filter, QueryError, Selection, read_filter, read_selection
from cohstream.web.summary import summary
from cohstream.web.view import View

LEAST_PAUSE = 0.25
"""Seconds between two events of one stream, at least."""

HEARTBEAT = 10
"""Seconds between two comments that keep an idle stream open."""


def create_app(view: View, intake: ASGIApp | None = None) -> Starlette:
    """The app over ``view``. It only reads, on the event loop that also feeds the ledger; ``intake`` takes reports."""
    pages = _Pages(view)
    return Starlette(
        routes=[
            Route("/", pages.index),
            Route("/metrics", pages.metrics),
            Route("/healthz", pages.healthy),
            Route("/readyz", pages.ready),
            Route("/api/vocabulary", pages.vocabulary),
            Route("/api/summary", pages.summary),
            Route("/api/incidents", pages.incidents),
            Route("/api/incidents/{incident_id:path}", pages.incident),
            Route("/api/map", pages.map),
            Route("/events", pages.events),
            Mount("/assets", StaticFiles(packages=[("cohstream.web", "assets")])),
            *([Mount("/v1", intake)] if intake is not None else []),
        ],
        middleware=[Middleware(SecurityHeaders), Middleware(GZipMiddleware, minimum_size=1_000)],
        exception_handlers={QueryError: _bad_query},
    )


class _Pages:
    """The handlers. They run on the event loop, so that no batch is applied while one of them reads."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._incidents = Incidents(view)
        self._index = files("cohstream.web").joinpath("assets/index.html").read_text("utf-8")
        self._kept = Kept()

    async def index(self, _: Request) -> Response:
        return HTMLResponse(self._index, headers={"Cache-Control": "no-cache"})

    async def metrics(self, request: Request) -> Response:
        body, content_type = self._view.metrics.exposition(request.headers.get("accept", ""))
        return Response(body, headers={"Content-Type": content_type})

    async def healthy(self, _: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(self, _: Request) -> Response:
        if self._view.metrics.ready:
            return PlainTextResponse("ready\n")
        return PlainTextResponse("the state is being recovered; ask again\n", status_code=503)

    async def vocabulary(self, _: Request) -> Response:
        return _json(
            {
                "title": self._view.title,
                "agreements": [
                    {
                        "id": name,
                        "title": agreement.title,
                        "status": str(agreement.status),
                        "tz": agreement.tz,
                        "default_policy": agreement.default_policy,
                        "parties": {party.id: party.label for party in agreement.parties.values()},
                    }
                    for name, agreement in self._view.agreements.items()
                ],
                "areas": area_names(),
                **wording()._asdict(),
            }
        )

    async def summary(self, request: Request) -> Response:
        return _encoded(self._summary(self._selection(request)).body)

    async def incidents(self, request: Request) -> Response:
        return self._filtered("list", request, self._incidents.listed)

    async def map(self, request: Request) -> Response:
        return self._filtered("map", request, self._incidents.mapped)

    async def incident(self, request: Request) -> Response:
        asked = request.path_params["incident_id"]
        found = self._incidents.detail(asked)
        if found is None:
            return _json({"error": f"there is no incident {asked!r}; it may have been retracted"}, 404)
        return _json(found)

    async def events(self, request: Request) -> Response:
        return EventSourceResponse(self._stream(self._selection(request)), ping=HEARTBEAT)

    async def _stream(self, selection: Selection) -> AsyncIterator[ServerSentEvent]:
        """The summary, whenever it has changed."""
        sent: Hashable = None
        while True:
            answer = self._summary(selection)
            if answer.state != sent:
                sent = answer.state
                yield ServerSentEvent(answer.body.decode(), event="summary")
            await asyncio.sleep(LEAST_PAUSE)

    def _selection(self, request: Request) -> Selection:
        return read_selection(request.query_params, self._view.agreements)

    def _filtered(self, what: str, request: Request, make: Callable[[Selection, Filter], dict[str, Any]]) -> Response:
        selection, wanted = self._selection(request), read_filter(request.query_params)
        question = (what, selection.agreement.agreement_id, selection.policy, wanted)
        version = self._view.ledger.version
        return _encoded(self._kept.answer(question, version, lambda: _encode(make(selection, wanted))).body)

    def _summary(self, selection: Selection) -> Answer:
        question = ("summary", selection.agreement.agreement_id, selection.policy)
        state = (self._view.ledger.version, self._view.metrics.ready, self._view.progress.state())
        return self._kept.answer(question, state, lambda: _encode(summary(self._view, selection)))


def _encode(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z)


def _encoded(body: bytes, status: int = 200) -> Response:
    return Response(body, status, {"Cache-Control": "no-store"}, media_type="application/json")


def _json(value: object, status: int = 200) -> Response:
    return _encoded(_encode(value), status)


async def _bad_query(_: Request, error: Exception) -> Response:
    return _json({"error": str(error)}, 400)
