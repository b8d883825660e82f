"""Intake, first half: bytes to a report, and the choice among versions of one report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from hashlib import sha256
from typing import Any, Self

import msgspec
from msgspec import Struct
from pydantic import ValidationError

from cohstream.domain.claim import Claim
from cohstream.domain.report import Report
from cohstream.domain.report_decoder import decode
from cohstream.domain.vocabulary import CONDUCT_FAMILY
from cohstream.errors import ReportError

MAX_RECORD_BYTES = 1 << 20
"""A report larger than this is refused (``too_large``); texts of real reports are a few kilobytes."""

STAMP = b',"received_at":"'
STAMP_BYTES = len(STAMP + b'2016-02-27T00:00:00.000000Z"}')

UNPUBLISHED = datetime(1, 1, 2, tzinfo=UTC)
"""Stands for no date of publication among versions of a report: any date is later."""

CODE_BY_ERROR = {
    "missing": "missing_field",
    "bad_time": "bad_time",
    "naive_time": "naive_time",
    "enum": "unknown_word",
    "unknown_word": "unknown_word",
    "finite_number": "not_finite",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "value_error": "contradiction",
    "string_too_long": "too_large",
}


class Version(Struct, frozen=True, order=True, gc=False):
    """What decides among versions of one report: the greatest wins. ``content`` is the SHA-256 of its bytes."""

    revision: int
    published: datetime
    content: bytes

    @classmethod
    def of(cls, report: Report, raw: bytes) -> Self:
        return cls(report.revision, report.published_at or UNPUBLISHED, content_of(raw))


class Kept(Struct, eq=False, gc=False):
    """What is kept of one report: its winning version, the claim that it makes, and every other content seen.

    ``claim`` is ``None`` for a retracted report. ``others`` pairs the revision and content hash of versions that did
    not win; a report whose winning revision came with different bytes is ``conflicting``.
    """

    claim_id: str
    version: Version
    claim: Claim | None = None
    others: frozenset[tuple[int, bytes]] = frozenset()

    @property
    def conflicting(self) -> bool:
        return bool(self.others) and any(revision == self.version.revision for revision, _ in self.others)

    def has_seen(self, version: Version) -> bool:
        """Whether these very bytes were received before."""
        return version.content == self.version.content or any(content == version.content for _, content in self.others)

    def add(self, version: Version) -> bool:
        """Keep one more version, and say whether it wins."""
        self.version, loser = max(self.version, version), min(self.version, version)
        self.others |= {(loser.revision, loser.content)}
        return self.version is version


def stamped(raw: bytes, received: datetime) -> bytes:
    """A report that does not say when it was received, said at its end; ``raw`` is its JSON without space around."""
    moment = received.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00")
    return raw[:-1] + STAMP + moment.encode() + b'Z"}'


def without_stamp(raw: bytes) -> bytes:
    """``raw`` as it came before it was :func:`stamped`: what comes twice gets two stamps, and is one version."""
    if raw.endswith(b'Z"}') and raw.startswith(STAMP, len(raw) - STAMP_BYTES):
        return raw[:-STAMP_BYTES] + b"}"
    return raw


def content_of(raw: bytes) -> bytes:
    """The SHA-256 of a report's bytes as they were posted: equal ones say the same."""
    return sha256(without_stamp(raw)).digest()


def claim_id_of(source: str, report_id: str) -> str:
    """The id of a claim, and of an incident anchored on it: a hash of the report's identity."""
    return sha256(f"{source}\0{report_id}".encode("utf-8", "surrogatepass")).hexdigest()[:20]


def readings_of(name: str) -> Iterator[tuple[str, str]]:
    """Every way to read ``name`` as source and id of a report, ``source/report_id``: both may contain a slash."""
    parts = name.split("/")
    return (("/".join(parts[:at]), "/".join(parts[at:])) for at in range(1, len(parts)))


def received_at(report: Report) -> datetime:
    """When a report came in: as stamped, else its publication, else the event's end (files have no other edge)."""
    return (report.received_at or report.published_at or report.occurred.interval()[1]).astimezone(UTC)


def read_report(raw: bytes) -> Report:
    """Read one report from the bytes of its JSON form.

    Raises :class:`ReportError` with a stable code and a message that says what, where and what to do.
    """
    if len(raw) > MAX_RECORD_BYTES:
        raise ReportError(
            "too_large",
            f"the report has {len(raw):,} bytes, more than {MAX_RECORD_BYTES:,}; shorten its texts or split it",
        )
    report = decode(raw)
    if report is not None:
        return report
    try:
        return Report.model_validate_json(raw)
    except ValidationError as error:
        raise _report_error(raw, error) from None


def claimed_source(raw: bytes) -> str | None:
    """The source that a record names, read or not; ``None`` if it names none."""
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    source = body.get("source") if isinstance(body, dict) else None
    return source if isinstance(source, str) else None


def _report_error(raw: bytes, error: ValidationError) -> ReportError:
    first = error.errors(include_url=False)[0]
    kind, message = first["type"], first["msg"].removeprefix("Value error, ")
    if kind == "json_invalid":
        return _not_json(raw, message)
    where = ".".join(str(step) for step in first["loc"])
    code = CODE_BY_ERROR.get(kind, "wrong_type")
    if kind == "missing":
        return ReportError(code, f"the field '{where}' is missing; add it")
    if code == "unknown_word":
        return ReportError(code, f"'{where}' is {_shown(first['input'])}, {_allowed(where, first)}")
    if not where:
        return ReportError(code, message)
    return ReportError(code, f"'{where}' is {_shown(first['input'])}: {message[0].lower()}{message[1:]}")


def _not_json(raw: bytes, message: str) -> ReportError:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return ReportError(
            "bad_encoding",
            f"byte {error.start + 1} is not UTF-8 (0x{raw[error.start]:02x}); save the input as UTF-8",
        )
    if "recursion" in message:
        return ReportError("too_deep", "the JSON is nested too deeply; a report needs four levels")
    detail = message.removeprefix("Invalid JSON: ")
    return ReportError("not_json", f"this is not one JSON object: {detail}; write one report a line")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _allowed(where: str, first: Any) -> str:
    if where == "conduct":
        words = sorted(CONDUCT_FAMILY)
    else:
        expected = str(first.get("ctx", {}).get("expected", ""))
        words = [word.strip(" '") for word in expected.replace(" or ", ", ").split(",")]
    near = get_close_matches(str(first["input"]), words, n=1)
    hint = f"did you mean '{near[0]}'? " if near else ""
    return f"which is not in the vocabulary; {hint}write one of: {', '.join(words)}"
