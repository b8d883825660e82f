"""Records as CloudEvents in binary mode: attributes ride in headers, the value stays plain JSON."""

from __future__ import annotations

from functools import lru_cache

from cohstream.live.writer import Headers, Outgoing

REVISION = "cohstream.revision"
"""Header of what topics say now: of two records of one key the one with the greater bytes holds (ADR 0010)."""


def event(kind: str, subject: str, body: bytes | None, revision: bytes, event_id: str = "") -> Outgoing:
    """A record about ``subject``, which is its key too; without a ``body`` it says that ``subject`` is gone."""
    key = subject.encode()
    named = event_id.encode() if event_id else key + b"@" + revision
    return Outgoing(key, body, [*_fixed(kind, revision), ("ce_subject", key), ("ce_id", named)])


@lru_cache(64)
def _fixed(kind: str, revision: bytes) -> Headers:
    """The headers that all records of one kind and batch have."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_type", f"cohstream.{kind}.v1".encode()),
        ("ce_source", b"/cohstream/worker"),
        ("content-type", b"application/json"),
        (REVISION, revision),
    )
