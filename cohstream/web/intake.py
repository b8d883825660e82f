"""``/v1``: reports by HTTP, and the OpenAPI document that describes them.

A record is answered as accepted once it is durable, and a rejected one once it is kept as a dead letter: whatever
takes the rows says so by returning. What cannot be kept now is refused, to be sent again; nothing is dropped.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, Protocol

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from cohstream.engine.batch import Outcome
from cohstream.errors import NotKeptError
from cohstream.importers import Row
from cohstream.web.admission import Admission
from cohstream.web.answers import Answer, RefusedError
from cohstream.web.api_keys import Caller
from cohstream.web.body import records_of
from cohstream.web.examination import Examined, examine
from cohstream.web.intake_metrics import IntakeMetrics
from cohstream.web.openapi import DESCRIBED, OPERATION, describe

RETRY_SECONDS = 5
log = logging.getLogger("cohstream.serve")


class Taker(Protocol):
    """Keeps rows durably."""

    async def take(self, rows: Sequence[Row]) -> Sequence[Outcome]:
        """Keep ``rows``, and say what each was; returns once they are durable. Raises :class:`NotKeptError`."""


def create_intake(taker: Taker, admission: Admission, metrics: IntakeMetrics) -> FastAPI:
    """The app to be mounted at ``/v1``."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url="/openapi.json", **DESCRIBED)

    @app.post("/reports", **OPERATION)
    async def post_reports(request: Request) -> Response:
        caller = admission.caller(request)
        with admission.room_for(caller):
            records = await records_of(request)
            examined = examine(records, caller, datetime.now(UTC), token_hex(8))
            _note_forbidden(examined, caller)
            if examined.rows:
                outcomes = await taker.take(examined.rows)
                for place, outcome in zip(examined.places, outcomes, strict=True):
                    examined.answers[place].outcome = outcome.value
        answer = _answer(examined, metrics)
        return _counted(answer.model_dump(), _status(answer, examined), metrics)

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, RefusedError)
        return _counted(error.refusal.model_dump(), error.status, metrics, error.headers)

    async def not_kept(_: Request, error: Exception) -> Response:
        return _counted({"code": "not_kept", "problem": str(error)}, 503, metrics, {"Retry-After": str(RETRY_SECONDS)})

    app.add_exception_handler(RefusedError, refused)
    app.add_exception_handler(NotKeptError, not_kept)
    describe(app)
    return app


def closed_intake(why: str) -> ASGIApp:
    """The app at ``/v1`` where no reports are taken, which says why."""

    async def refuse(_: Request) -> Response:
        return JSONResponse({"code": "closed", "problem": why}, 503)

    return Router([Route("/reports", refuse, methods=["POST"])])


def _answer(examined: Examined, metrics: IntakeMetrics) -> Answer:
    outcomes = Counter(one.outcome for one in examined.answers)
    metrics.count_reports("forbidden", len(examined.forbidden))
    for outcome, count in outcomes.items():
        metrics.count_reports(outcome, count - (len(examined.forbidden) if outcome == "rejected" else 0))
    return Answer(
        accepted=outcomes["accepted"],
        duplicate=outcomes["duplicate"],
        rejected=outcomes["rejected"],
        results=examined.answers,
    )


def _status(answer: Answer, examined: Examined) -> int:
    if answer.accepted or answer.duplicate:
        return 200
    return 403 if examined.all_forbidden else 422


def _note_forbidden(examined: Examined, caller: Caller) -> None:
    if examined.forbidden:
        log.warning(
            "the key %s tried to speak for %s; %d records were refused",
            caller.name,
            ", ".join(sorted(map(repr, set(examined.forbidden)))[:5]),
            len(examined.forbidden),
        )


def _counted(
    body: dict[str, Any], status: int, metrics: IntakeMetrics, headers: dict[str, str] | None = None
) -> Response:
    metrics.count_request(status)
    return JSONResponse(body, status, {"Cache-Control": "no-store", **(headers or {})})
