"""The whole job on Quix Streams: two streams in one application, state by key, ``to_topic`` per record.

Its defaults (at least once, a checkpoint every 5 s), raw bytes. Its interface is a message at a time, so incidents are
derived anew for every claim; its state is by message key: the identity for reports, the area for claims.
"""

from __future__ import annotations

from typing import Any

from quixstreams import message_context
from quixstreams.models.serializers import BytesSerializer

from benchmarks.live.contestants.settings import quix_application, told
from benchmarks.live.contestants.whole_job import Record, WholeJob
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import ASSESSMENTS, CHANGES, CLAIMS, INCIDENTS, REPORTS, TALLIES
from cohstream.live.writer import Outgoing

Told = tuple[str, Outgoing]


class BodyOf(BytesSerializer):
    """Writes the body of what is told."""

    def __call__(self, value: Told, ctx: Any) -> Any:  # noqa: ARG002 (their signature)
        return value[1].value


def make(settings: LiveSettings) -> Any:
    app = quix_application(settings)
    job = WholeJob()

    def topic(noun: str) -> Any:
        return app.topic(
            settings.topic(noun), key_deserializer="bytes", value_deserializer="bytes", key_serializer="bytes",
            value_serializer=BodyOf(),
        )  # fmt: skip

    reports, claims = topic(REPORTS), topic(CLAIMS)
    by_noun = {CLAIMS: claims, **{noun: topic(noun) for noun in (INCIDENTS, ASSESSMENTS, CHANGES, TALLIES)}}

    def take_report(value: bytes, _key: Any, _time: int, _headers: Any, state: Any) -> list[Told]:
        return [(CLAIMS, one) for one in job.claims(value, state.get_bytes, state.set_bytes)]

    def take_claim(value: bytes | None, key: bytes, _time: int, headers: Any, state: Any) -> list[Told]:
        here = message_context()
        return job.belief(Record(here.partition, here.offset, key, value), headers or (), state.set_bytes)

    for source, take in ((reports, take_report), (claims, take_claim)):
        stream = app.dataframe(source).apply(take, stateful=True, expand=True, metadata=True)
        stream = stream.set_headers(lambda value, *_: list(value[1].headers))
        stream.to_topic(lambda value, *_: by_noun[value[0]], key=lambda value: value[1].key)
    return app


if __name__ == "__main__":
    make(told()).run()
