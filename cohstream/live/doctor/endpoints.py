"""What workers and ``serve`` show of themselves: whether they answer, are ready, and have their metrics."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from cohstream.engine.ledger import Ledger
from cohstream.live.doctor.check import Check, fail, ok, some, warn
from cohstream.live.settings import LiveSettings
from cohstream.publish.metrics import Metrics

ANSWER_SECONDS = 5.0
NOT_FOUND = 404
WORKER_READY, SERVE_READY = "/ready", "/readyz"
OURS = "cohstream_"
UNLESS_KNOWN = {"cohstream_watermark_timestamp_seconds"}
"""Absent as long as nothing was reported."""


class Answer(NamedTuple):
    """What came of a request; ``status`` 0 where nothing came, and ``text`` says why. ``ahead`` is in seconds."""

    status: int
    text: str
    ahead: float | None = None


def default_url(settings: LiveSettings) -> str:
    """Where a worker of these settings on this machine is to be found."""
    host, _, port = settings.http.rpartition(":")
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '[::]') else host}:{port}"


def ask(url: str) -> Answer:
    """What ``url`` answers, and how far its clock is ahead of ours, by the ``Date`` header: to a second or so."""
    began = time.time()

    def read(answer: HTTPResponse | HTTPError) -> Answer:
        with answer:
            text = answer.read().decode("utf-8", "replace")
            return Answer(answer.status or 0, text, _ahead(answer.headers["Date"], began))

    try:
        return read(urlopen(url, timeout=ANSWER_SECONDS))
    except HTTPError as error:
        return read(error)
    except URLError as error:
        return Answer(0, str(getattr(error.reason, "strerror", None) or error.reason))
    except (OSError, HTTPException, ValueError) as error:
        return Answer(0, str(error) or repr(error))


def _ahead(date: str | None, began: float) -> float | None:
    """The header tells whole seconds, cut off; so what it says is compared with our own time cut off."""
    if not date:
        return None
    told = parsedate_to_datetime(date).timestamp()
    earliest, latest = int(began), int(time.time())
    return min(0.0, told - earliest) + max(0.0, told - latest)


def check_endpoint(url: str, named: bool) -> tuple[list[Check], float | None]:
    """Look at a worker or ``serve``; ``named`` says that a person named it. Also how far its clock is ahead."""
    url = url.rstrip("/")
    ready = ask(url + WORKER_READY)
    kind = "worker"
    if ready.status == NOT_FOUND:
        ready, kind = ask(url + SERVE_READY), "serve"
    name = f"endpoint {url}"
    if not ready.status:
        found = f"does not answer: {ready.text}"
        if not named:
            remedy = "name the workers and serve: cohstream doctor --url http://HOST:PORT --url ..."
            return [warn(name, f"{found} (looked for by default)", remedy)], None
        remedy = "start it, or mend the URL; a worker that ends by itself says why in the last line of its log"
        return [fail(name, found, remedy)], None
    if ready.status == NOT_FOUND:
        remedy = "name the address of a worker (COHSTREAM_HTTP) or of serve"
        return [fail(name, f"has neither {WORKER_READY} nor {SERVE_READY}: it is none of ours", remedy)], ready.ahead
    checks = [_readiness(name, kind, ready), *_metrics(name, kind, ask(url + "/metrics"))]
    worst = [check for check in checks if check.remedy]
    return worst or [ok(name, "; ".join(check.found for check in checks))], ready.ahead


def _readiness(name: str, kind: str, answer: Answer) -> Check:
    said = answer.text.strip().splitlines()[0][:100] if answer.text.strip() else f"status {answer.status}"
    if answer.status == 200:
        return ok(name, f"{kind} is ready")
    remedy = "wait until it has recovered; if it stays so, look at its log, and at the group above"
    return fail(name, f"{kind} is not ready ({answer.status}): {said}", remedy)


def _metrics(name: str, kind: str, answer: Answer) -> list[Check]:
    if answer.status != 200:
        return [fail(name, f"/metrics answers {answer.status}: {answer.text[:100]}", "look at its log")]
    try:
        found = _families(answer.text)
    except ValueError as error:
        return [fail(name, f"/metrics is no exposition of Prometheus: {error}", "mend the URL")]
    ours = {one for one in found if one.startswith(OURS)}
    expected = expected_families("cohstream_state_ready 1.0" in answer.text) if kind == "worker" else set()
    missing = sorted({one for one in expected if one.startswith(OURS)} - ours - UNLESS_KNOWN)
    if missing or not ours:
        remedy = "compare its release with this one"
        return [fail(name, f"/metrics lacks {some(missing) or 'every family of cohstream'}", remedy)]
    return [ok(name, f"{len(ours)} metric families, {some(sorted(ours))}")]


def expected_families(ready: bool) -> set[str]:
    """The metric families of a worker: those that an empty one has."""
    metrics = Metrics(Ledger(), {})
    metrics.ready = ready
    body, _ = metrics.exposition()
    return _families(body.decode())


def _families(text: str) -> set[str]:
    return {family.name for family in text_string_to_metric_families(text)}
