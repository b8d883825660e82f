"""A claim as it travels from intake to assess: what a report says now, and how new that is."""

from __future__ import annotations

from datetime import UTC
from typing import NamedTuple

from msgspec import MsgspecError

from cohstream.domain.canonical import canonical_json
from cohstream.domain.claim import Claim
from cohstream.domain.vocabulary import CONDUCT_FAMILY, TARGET_FAMILY
from cohstream.engine.intake import Kept
from cohstream.live.writer import Headers, Outgoing
from cohstream.publish.records import claim_of, claim_record

CLAIM_ID, ORDER = "cohstream.claim-id", "cohstream.order"
BASE = {"ce_specversion": b"1.0", "ce_type": b"cohstream.claim.v1", "content-type": b"application/json"}
CONDUCTS = frozenset({None, *CONDUCT_FAMILY})


class Stated(NamedTuple):
    """What one report states in one area: a claim, with ``body`` as its JSON; none, and empty, where it was withdrawn.

    Of two statements of one claim in one area the one with the greater ``order`` holds; it grows with the version
    of the report and with the number of versions known.
    """

    claim_id: str
    area: str
    order: bytes
    body: bytes
    claim: Claim | None

    @property
    def key(self) -> bytes:
        """The key of the state row."""
        return f"{self.area}\0{self.claim_id}".encode()

    def row(self) -> bytes:
        """The state row; :func:`newer` merges two."""
        return self.order + b"\n" + self.body

    def message(self) -> Outgoing:
        """The record on the ``claims`` topic: keyed by area, ``null`` where the claim was withdrawn."""
        headers: Headers = [
            *BASE.items(),
            ("ce_id", f"{self.claim_id}@".encode() + self.order),
            ("ce_subject", self.claim_id.encode()),
            (CLAIM_ID, self.claim_id.encode()),
            (ORDER, self.order),
        ]
        return Outgoing(self.area.encode(), self.body or None, headers)


def stated(kept: Kept, area: str, claim: Claim | None) -> Stated:
    """What ``kept`` states in ``area``: ``claim``, or that it is withdrawn from there."""
    body = canonical_json(claim_record(claim)) if claim else b""
    return Stated(kept.claim_id, area, order_of(kept), body, claim)


def order_of(kept: Kept) -> bytes:
    """The order of what a report states: bytes that compare as its versions do."""
    version = kept.version
    published = version.published.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{version.revision:020d}|{published}|{version.content.hex()}|{len(kept.others):06d}".encode()


def of_message(key: bytes | None, value: bytes | None, headers: Headers) -> Stated:
    """Read a record of the ``claims`` topic. Raises ``ValueError`` if it is none."""
    named = dict(headers)
    try:
        claim_id, area, order, body = named[CLAIM_ID].decode(), (key or b"").decode(), named[ORDER], value or b""
    except KeyError as error:
        raise ValueError(f"the header {error} is missing") from None
    try:
        claim = claim_of(body) if body else None
    except (KeyError, TypeError, ValueError, MsgspecError) as error:
        raise ValueError(f"its value is no claim: {error!r}") from None
    if claim is not None and (claim.claim_id, claim.place.area) != (claim_id, area):
        raise ValueError(f"it is of claim {claim.claim_id} in {claim.place.area}, not of {claim_id} in {area}")
    if claim is not None and (claim.conduct not in CONDUCTS or claim.target not in TARGET_FAMILY):
        raise ValueError(f"conduct {claim.conduct} or target {claim.target} is not in the vocabulary")
    return Stated(claim_id, area, order, body, claim)


def of_row(key: bytes, row: bytes) -> Stated:
    """Read a state row."""
    area, claim_id = key.decode().split("\0")
    order, body = row.split(b"\n", 1)
    return Stated(claim_id, area, order, body, claim_of(body) if body else None)


def newer(one: bytes, other: bytes) -> bytes:
    """Of two rows the one with the greater order. Raises ``ValueError`` if one of them is no row."""
    return max(one, other, key=lambda row: row[: row.index(b"\n")])
