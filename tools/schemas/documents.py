"""All documents of ``schemas/``, by file name."""

from __future__ import annotations

import json

from cohstream.live.contract import PUBLIC
from cohstream.live.headers import ClaimHeaders, EventHeaders, RejectedHeaders
from cohstream.live.topics import CLAIMS, REJECTED, TALLIES
from tools.schemas.asyncapi import asyncapi
from tools.schemas.examples import examples
from tools.schemas.json_schema import Schema, schema_of

HEADERS = {"event-headers": (EventHeaders, TALLIES), "claim-headers": (ClaimHeaders, CLAIMS)}
HEADERS |= {"rejected-headers": (RejectedHeaders, REJECTED)}


def schemas() -> dict[str, Schema]:
    """Every JSON Schema by name: those of the values by noun, and those of the headers."""
    shown = examples()
    made = {
        one.noun: schema_of(one.value, one.noun, f"Value of the topic {one.topic}", [shown[one.topic].value])
        for one in PUBLIC
        if one.value is not None
    }
    for name, (model, topic) in HEADERS.items():
        title = f"Headers of {'records that tell what is believed' if topic == TALLIES else f'the topic {topic}'}"
        made[name] = schema_of(model, name, title, [shown[topic].headers])
    return made


def documents() -> dict[str, str]:
    """The text of every file of ``schemas/``."""
    made = schemas()
    texts = {f"{name}.json": json.dumps(one, indent=2, ensure_ascii=False) + "\n" for name, one in made.items()}
    return {**texts, "asyncapi.yaml": asyncapi(made, examples())}
