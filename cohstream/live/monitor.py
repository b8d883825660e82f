"""What a worker shows: ``/metrics``, ``/ready`` and ``/live``."""

from __future__ import annotations

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cohstream.live.worker import Worker


def monitor_app(worker: Worker) -> Starlette:
    """The worker's own pages. ``/ready`` is 503 until the state is recovered, and while partitions move."""

    async def metrics(request: Request) -> Response:
        body, content_type = worker.metrics.exposition(request.headers.get("accept", ""))
        return Response(body, media_type=content_type)

    async def ready(_: Request) -> Response:
        served = sorted(worker.owned)
        if worker.metrics.ready:
            return PlainTextResponse(f"ready, partitions {served}\n")
        return PlainTextResponse("not ready: recovering, or partitions are moving\n", status_code=503)

    async def live(_: Request) -> Response:
        return PlainTextResponse("live\n")

    return Starlette(routes=[Route("/metrics", metrics), Route("/ready", ready), Route("/live", live)])


def monitor_server(worker: Worker) -> uvicorn.Server:
    """A server of :func:`monitor_app` that leaves signals alone."""
    return uvicorn.Server(uvicorn.Config(monitor_app(worker), log_level="warning", log_config=None, lifespan="off"))
