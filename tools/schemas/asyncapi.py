"""The AsyncAPI 3.0 document: servers, topics with their Kafka settings, messages, and what we do with them.

Schemas stand in it in AsyncAPI's own dialect, a superset of JSON Schema draft 7, because its tools read nothing else by
default; they mean what the files beside it mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

import cohstream
from cohstream.live.contract import PUBLIC, PublicTopic
from cohstream.live.headers import ClaimHeaders, EventHeaders, RejectedHeaders
from cohstream.live.settings import LiveSettings
from cohstream.live.topics import Declared, declared
from tools.schemas.examples import Example
from tools.schemas.json_schema import Schema

KAFKA = "0.5.0"
"""Version of the Kafka bindings."""
HEADERS = {EventHeaders: "event-headers", ClaimHeaders: "claim-headers", RejectedHeaders: "rejected-headers"}
DESCRIPTION = (
    "Reports of ceasefire violations in, per-party counts under the agreement's own terms out.\n\n"
    "Values are JSON; attributes of CloudEvents ride in headers (binary mode). On `incidents`, `assessments` and "
    "`tallies`, of two records of one key the one with the greater header `cohstream.revision` holds. Objects are "
    "open: pass over fields that you do not know, and expect words that `x-extensible-enum` does not name. Partitions "
    "and copies are the defaults of a deployment."
)
PREFIX = {"default": "cohstream", "description": "The prefix of all topics of a deployment, `COHSTREAM_PREFIX`."}


class _Plain(yaml.SafeDumper):
    """Writes equal parts out, each where it stands."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def asyncapi(schemas: Mapping[str, Schema], examples: Mapping[str, Example]) -> str:
    """The document as YAML; ``schemas`` by name and ``examples`` by topic."""
    settings = LiveSettings.model_construct()
    kept = {one.name: one for one in declared(settings)}
    components: dict[str, Schema] = {}
    for name, schema in schemas.items():
        for key, part in _in_its_dialect(name, schema).items():
            assert components.setdefault(key, part) == part, f"two schemas are called {key}"
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "cohstream",
            "version": cohstream.__version__,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": _servers(settings),
        "channels": {one.topic: _channel(one, kept[settings.topic(one.topic)], examples[one.topic]) for one in PUBLIC},
        "operations": {f"{'receive' if one.is_input else 'send'}{_word(one)}": _operation(one) for one in PUBLIC},
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {"login": {"type": "scramSha512", "description": "`COHSTREAM_SASL_...`"}},
        },
    }
    text: str = yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)
    return text


def _servers(settings: LiveSettings) -> dict[str, Any]:
    return {
        "kafka": {"host": settings.brokers, "protocol": "kafka", "description": "A broker without a lock, for a try."},
        "secured": {
            "host": "kafka.example.org:9093",
            "protocol": "kafka-secure",
            "description": "A broker with TLS and a login.",
            "security": [{"$ref": "#/components/securitySchemes/login"}],
        },
    }


def _channel(one: PublicTopic, kept: Declared, example: Example) -> dict[str, Any]:
    messages = {one.noun: _message(one, example)}
    if one.tombstone:
        messages["tombstone"] = _tombstone(one, example)
    return {
        "address": f"{{prefix}}.{one.topic}.v1",
        "title": one.topic,
        "description": one.summary,
        "parameters": {"prefix": PREFIX},
        "messages": messages,
        "bindings": {
            "kafka": {
                "topic": kept.name,
                "partitions": kept.partitions,
                "replicas": kept.replication,
                "topicConfiguration": {name: _setting(name, value) for name, value in kept.config.items()},
                "bindingVersion": KAFKA,
            }
        },
    }


def _setting(name: str, value: str) -> Any:
    return [value] if name == "cleanup.policy" else int(value)


def _message(one: PublicTopic, example: Example) -> dict[str, Any]:
    payload = _reference(one.noun) if one.value else {"description": "The value as it came, or null."}
    about = f"JSON Schema: `schemas/{one.noun}.json`." if one.value else "The original bytes, whatever they are."
    shown = {"name": one.noun, **({"headers": example.headers} if one.headers else {}), "payload": example.value}
    return {"name": one.noun, "summary": about, **_about(one), "payload": payload, "examples": [shown]}


def _tombstone(one: PublicTopic, example: Example) -> dict[str, Any]:
    shown = {"name": "tombstone", "headers": example.headers, "payload": None}
    about = f"A null value: {one.tombstone}."
    return {"name": f"{one.noun}Tombstone", "summary": about, **_about(one), "payload": {"type": "null"}} | {
        "examples": [shown]
    }


def _about(one: PublicTopic) -> dict[str, Any]:
    """Headers and key of a topic's messages."""
    key = {"type": ["string", "null"] if one.headers is RejectedHeaders else "string", "description": one.key}
    about: dict[str, Any] = {"bindings": {"kafka": {"key": key, "bindingVersion": KAFKA}}}
    if one.headers is EventHeaders:
        typed = {"properties": {"ce_type": {"const": f"cohstream.{one.noun}.v1"}}}
        return {"headers": {"type": "object", "allOf": [_reference(HEADERS[one.headers]), typed]}, **about}
    return {"headers": _reference(HEADERS[one.headers]), **about} if one.headers else about


def _operation(one: PublicTopic) -> dict[str, Any]:
    verb = "Takes in" if one.is_input else "Writes"
    return {
        "action": "receive" if one.is_input else "send",
        "channel": {"$ref": f"#/channels/{one.topic}"},
        "summary": f"{verb} `{one.topic}`.",
    }


def _word(one: PublicTopic) -> str:
    return one.topic.capitalize()


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _in_its_dialect(name: str, schema: Schema) -> dict[str, Schema]:
    """``schema`` and its parts as components; parts of a report are called so: their words are closed."""
    within = "report." if name == "report" else ""
    whole = {key: one for key, one in schema.items() if key not in ("$schema", "$id", "$defs", "examples")}
    parts = {within + key: _draft_7(one, within) for key, one in schema.get("$defs", {}).items()}
    return {name: _draft_7(whole, within), **parts}


def _draft_7(schema: Any, within: str) -> Any:
    if isinstance(schema, list):
        return [_draft_7(one, within) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: one if key == "default" else _draft_7(one, within) for key, one in schema.items()}
    if "prefixItems" in made:
        made["items"], made["additionalItems"] = made.pop("prefixItems"), made["items"]
    if isinstance(made.get("$ref"), str):
        reference = _reference(within + made.pop("$ref").rpartition("/")[2])
        return {"allOf": [reference], **made} if made else reference
    return made
