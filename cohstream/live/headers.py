"""The headers of records on the topics, typed; schemas are made from these models, as from those of the values.

On the wire a header is bytes of UTF-8 text. Attributes of CloudEvents have the prefix ``ce_``, as its Kafka binding
says for binary mode; the others are ours.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

CE = {"specversion": "ce_specversion", "type": "ce_type", "source": "ce_source", "id": "ce_id", "subject": "ce_subject"}
Decimal = Annotated[str, Meta(pattern="^[0-9]+$")]


class EventHeaders(Struct, frozen=True, rename=CE | {"content_type": "content-type", "revision": "cohstream.revision"}):
    """A CloudEvent in binary mode, and how new it is."""

    specversion: Literal["1.0"]
    """Version of CloudEvents."""
    type: Annotated[str, Meta(pattern=r"^cohstream\.(incident|assessment|tally|change)\.v1$")]
    """What the record is."""
    source: str
    """Who wrote it."""
    id: str
    """Identity of the event. Records of `changes` with one id are one change, told again after a crash."""
    subject: str
    """What it is about; the same text as the record's key."""
    content_type: Literal["application/json"]
    """Form of the value."""
    revision: Annotated[str, Meta(pattern=r"^[0-9]{10}\.[0-9]{20}$")]
    """How new it is: of two records of one key the one with the greater text holds; of equals, the later record."""


class ClaimHeaders(
    Struct,
    frozen=True,
    rename=CE | {"content_type": "content-type", "claim_id": "cohstream.claim-id", "order": "cohstream.order"},
):
    """A CloudEvent in binary mode; which claim it is, and of which version."""

    specversion: Literal["1.0"]
    """Version of CloudEvents."""
    type: Literal["cohstream.claim.v1"]
    """What the record is."""
    source: str
    """Who wrote it."""
    id: str
    """Identity of the event."""
    subject: str
    """The claim's id."""
    content_type: Literal["application/json"]
    """Form of the value."""
    claim_id: str
    """The claim's id: the key of the record is only its area. A null value withdraws this claim from this area."""
    order: str
    """Of two records of one claim in one area the one with the greater text holds."""


class RejectedHeaders(
    Struct,
    frozen=True,
    rename={
        "code": "cohstream.error.code",
        "message": "cohstream.error.message",
        "stage": "cohstream.error.stage",
        "topic": "cohstream.error.topic",
        "partition": "cohstream.error.partition",
        "offset": "cohstream.error.offset",
        "position": "cohstream.error.position",
        "ruleset": "cohstream.error.ruleset",
        "left": "cohstream.error.left",
    },
):
    """Why a record was rejected, beside the headers that it came with."""

    code: Annotated[str, Meta(pattern="^[a-z_]+$", examples=["naive_time", "not_json", "too_large"])]
    """A stable word for what was wrong; `docs/json-report.md` lists them."""
    message: str
    """What was wrong, where, and what to do."""
    stage: Literal["intake", "assess", "http"]
    """Who rejected it: `intake` reads reports, `assess` claims, `http` what was posted."""
    topic: str
    """The topic that it came from, or was posted for."""
    partition: Decimal
    """Its partition there."""
    ruleset: str
    """Hash of the agreements in force."""
    offset: Decimal | UnsetType = UNSET
    """Its offset there. After a crash a letter may be there twice, with the same topic, partition and offset."""
    position: str | UnsetType = UNSET
    """Where it stood in what was posted, `http:REQUEST:POSITION`; it has no offset then."""
    left: Decimal | UnsetType = UNSET
    """Size in bytes of a record too large to be copied: then key and value are null, and it lies where it came from."""
