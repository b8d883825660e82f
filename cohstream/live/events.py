"""Records as CloudEvents in binary mode: attributes ride in headers, the value stays plain JSON."""

from __future__ import annotations

from cohstream.live.writer import Headers, Outgoing

REVISION = "cohstream.revision"
"""Header of what topics say now: of two records of one key the one with the greater bytes holds (ADR 0010)."""


def event(kind: str, subject: str, body: bytes | None, revision: bytes, event_id: str = "") -> Outgoing:
    """A record about ``subject``, which is its key too; without a ``body`` it says that ``subject`` is gone."""
    key = subject.encode()
    headers: Headers = [
        ("ce_specversion", b"1.0"),
        ("ce_type", f"cohstream.{kind}.v1".encode()),
        ("ce_source", b"/cohstream/worker"),
        ("ce_subject", key),
        ("ce_id", event_id.encode() or key + b"@" + revision),
        ("content-type", b"application/json"),
        (REVISION, revision),
    ]
    return Outgoing(key, body, headers)
