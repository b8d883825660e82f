"""The body of a request, read within limits, and the records in it."""

from __future__ import annotations

import asyncio
import zlib

import msgspec
from starlette.requests import ClientDisconnect, Request

from cohstream.web.answers import RefusedError

MAX_BODY_BYTES = 8 << 20
"""The largest body, unpacked: any record of it still fits into a dead letter."""
MAX_RECORDS = 5_000
"""Most records of one request."""
BODY_SECONDS = 30.0
"""A body has to be here within this time."""

JSON = "application/json"
NDJSON = "application/x-ndjson"
NDJSON_TOO = ("application/ndjson", "application/jsonl", "application/x-jsonlines")
SPACE = b" \t\r\n"
UTF8_MARK = b"\xef\xbb\xbf"

_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


async def records_of(request: Request) -> list[bytes]:
    """The bytes of each record of a request, without space around, in order.

    A body that is no JSON is one record, so that it is rejected and kept as any other. Raises
    :class:`RefusedError` if there is no record, or the body is too large, cut off, or of a kind that is not taken.
    """
    kind = _media_type(request)
    body = (await _body(request)).removeprefix(UTF8_MARK).strip(SPACE)
    if kind == JSON:
        records = _of_json(body)
    elif body.count(b"\n") >= MAX_RECORDS:
        raise _too_many()
    else:
        records = [line.strip(SPACE) for line in body.split(b"\n")]
    records = [record for record in records if record]
    if not records:
        raise RefusedError(400, "no_record", "the body holds no record; send at least one report")
    if len(records) > MAX_RECORDS:
        raise _too_many()
    return records


def _of_json(body: bytes) -> list[bytes]:
    if not body.startswith(b"["):
        return [body]
    try:
        return [bytes(one).strip(SPACE) for one in _elements(body)]
    except (msgspec.MsgspecError, RecursionError):
        return [body]


def _media_type(request: Request) -> str:
    said = request.headers.get("content-type", "")
    kind = said.partition(";")[0].strip().lower()
    if kind == JSON:
        return JSON
    if kind == NDJSON or kind in NDJSON_TOO:
        return NDJSON
    raise RefusedError(
        415,
        "media_type",
        f"the content type {said!r} is not taken; send {JSON} for one report or an array, {NDJSON} for a report a line",
        {"Accept-Post": f"{JSON}, {NDJSON}"},
    )


async def _body(request: Request) -> bytes:
    """The whole body, unpacked if it is gzip."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        raise RefusedError(
            415,
            "content_coding",
            f"the content coding {coding!r} is not taken; send the body as it is, or gzip",
            {"Accept-Encoding": "gzip"},
        )
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
        raise _too_large()
    unpacked = _Gzip() if coding != "identity" else None
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                room = MAX_BODY_BYTES + 1 - len(body)
                body += chunk if unpacked is None else unpacked.feed(chunk, room)
                if len(body) > MAX_BODY_BYTES:
                    raise _too_large()
    except TimeoutError:
        raise RefusedError(
            408, "too_slow", f"the body did not arrive in {BODY_SECONDS:.0f} s; send smaller batches"
        ) from None
    except ClientDisconnect:
        raise RefusedError(400, "cut_off", "the body breaks off; send it again") from None
    except zlib.error as error:
        raise RefusedError(400, "bad_gzip", f"the body is no gzip ({error}); send it again, or as it is") from None
    if unpacked is not None and not unpacked.complete:
        raise RefusedError(400, "bad_gzip", "the gzip breaks off; send it again")
    return bytes(body)


class _Gzip:
    """Unpacks gzip piece by piece, its members one after the other."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)
        self._begun = False

    @property
    def complete(self) -> bool:
        return self._member.eof or not self._begun

    def feed(self, chunk: bytes, room: int) -> bytes:
        """What ``chunk`` unpacks to, ``room`` bytes at most."""
        made = bytearray()
        while chunk and len(made) < room:
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=31)
            self._begun = True
            made += self._member.decompress(chunk, room - len(made))
            chunk = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        return bytes(made)


def _too_large() -> RefusedError:
    return RefusedError(
        413, "too_large", f"the body has more than {MAX_BODY_BYTES:,} bytes, unpacked; send smaller batches"
    )


def _too_many() -> RefusedError:
    return RefusedError(
        413, "too_many_records", f"the body has more than {MAX_RECORDS:,} records or lines; send smaller batches"
    )
