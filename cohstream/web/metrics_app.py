"""Metrics alone, for a process that has no page."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cohstream.publish.metrics import Metrics


def metrics_app(metrics: Metrics) -> Starlette:
    """An app that serves ``/metrics``. The metrics may change only on the event loop that serves it."""

    async def exposition(request: Request) -> Response:
        body, content_type = metrics.exposition(request.headers.get("accept", ""))
        return Response(body, headers={"Content-Type": content_type})

    return Starlette(routes=[Route("/metrics", exposition)])
