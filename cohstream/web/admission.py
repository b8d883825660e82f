"""Who may post, and how many at once: keys are asked for, and there is room for so many requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

from starlette.requests import Request

from cohstream.errors import ConfigError
from cohstream.knowledge.sources import SourceRegistry
from cohstream.web.answers import RefusedError
from cohstream.web.api_keys import Anyone, ApiKeys, Caller
from cohstream.web.intake_metrics import IntakeMetrics

MAX_REQUESTS = 32
"""Most requests that are read or kept at once; their bodies are held in memory."""
MAX_OF_ONE_KEY = 8
"""Of these, most that one key may have."""
RETRY_AT_ONCE = {"Retry-After": "1"}


class Admission:
    """Lets requests in. Without ``keys`` everybody on this machine is let in, and no web page of elsewhere."""

    def __init__(self, keys: ApiKeys | None, metrics: IntakeMetrics) -> None:
        self._keys = keys
        self._metrics = metrics
        self._of_key: Counter[str] = Counter()

    def caller(self, request: Request) -> Caller:
        """Who posts ``request``. Raises :class:`RefusedError` if nobody may know."""
        if self._keys is None:
            host = request.url.hostname or ""
            if not is_loopback(host):  # a name of elsewhere that leads here: a web page posts by it (DNS rebinding)
                raise RefusedError(421, "foreign_host", f"without API keys only 127.0.0.1 is served, not {host!r}")
            return Anyone()
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        key = token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
        holder = self._keys.holder(key) if key else None
        if holder is None:
            said = "this API key is not known" if key else "an API key is needed"
            problem = f"{said}; send Authorization: Bearer KEY, and ask whoever runs this for a key"
            raise RefusedError(401, "no_key", problem, {"WWW-Authenticate": "Bearer"})
        return holder

    @contextmanager
    def room_for(self, caller: Caller) -> Iterator[None]:
        """Room for one request of ``caller``. Raises :class:`RefusedError` if there is none."""
        if caller.name and self._of_key[caller.name] >= MAX_OF_ONE_KEY:
            problem = f"more than {MAX_OF_ONE_KEY} requests with this key at once; send one after the other"
            raise RefusedError(429, "too_many_requests", problem, RETRY_AT_ONCE)
        if self._metrics.in_flight >= MAX_REQUESTS:
            raise RefusedError(503, "busy", "too many requests at once; send this one again", RETRY_AT_ONCE)
        self._metrics.in_flight += 1
        self._of_key[caller.name] += 1
        try:
            yield
        finally:
            self._metrics.in_flight -= 1
            self._of_key[caller.name] -= 1


def is_loopback(host: str) -> bool:
    """Whether ``host``, a name or an address, is this machine for itself."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def keys_for(address: tuple[str, int], file: Path | None, registry: SourceRegistry) -> ApiKeys | None:
    """The keys to ask for at ``address``; ``None`` where nobody is asked.

    Raises :class:`ConfigError` if others can reach the address and no ``file`` of keys is named.
    """
    if file is not None:
        return ApiKeys.load(file, registry)
    host, port = address
    if is_loopback(host):
        return None
    raise ConfigError(
        f"at {host}:{port} anybody on the network could post reports; make keys by `cohstream apikeys new SOURCE` and "
        "name their file by --api-keys or COHSTREAM_API_KEYS (an empty file lets nobody post), or serve at 127.0.0.1"
    )
