"""A schema of the topics changes only so that nobody is broken; see the rule in tools/schemas/compatibility.py."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tools.schemas.compatibility import breaks, last_released
from tools.schemas.documents import schemas
from tools.schemas.json_schema import Schema

Change = Callable[[Schema], Any]
RELEASED = last_released()


def of(name: str, change: Change) -> list[str]:
    """What ``change`` of the released schema ``name`` breaks."""
    changed = deepcopy(RELEASED)
    change(changed[name])
    return [str(one) for one in breaks(RELEASED, changed)]


def test_the_schemas_of_now_may_take_the_place_of_the_released_ones() -> None:
    assert breaks(RELEASED, schemas()) == []


def test_every_schema_is_held_to_its_release() -> None:
    assert RELEASED.keys() <= schemas().keys()
    assert len(RELEASED) >= 9


def without(words: list[str], word: str) -> list[str]:
    return [one for one in words if one != word]


def nullable(of: Schema) -> Schema:
    return {"anyOf": [of, {"type": "null"}]}


BREAKING: dict[str, tuple[str, Change, str]] = {
    "a field written is gone": (
        "tally",
        lambda one: one["properties"].pop("count"),
        "tally: count: the field is gone",
    ),
    "a field written is no longer sure": (
        "tally",
        lambda one: one["required"].remove("count"),
        "tally: count: the field is no longer required; readers rely on it",
    ),
    "a field written is required of old records": (
        "incident",
        lambda one: (one["properties"].update(zone={"type": "string"}), one["required"].append("zone")),
        "incident: zone: the field is required; old records, which stay on the topic, would be refused",
    ),
    "a type written is another": (
        "tally",
        lambda one: one["properties"]["count"].update(type="string"),
        "tally: count: the type is string, it was integer",
    ),
    "a type written is wider": (
        "tally",
        lambda one: one["properties"]["count"].update(type="number"),
        "tally: count: the type is number, it was integer",
    ),
    "a field written may be null": (
        "tally",
        lambda one: one["properties"].update(area=nullable(one["properties"]["area"])),
        "tally: area: it may be something else too",
    ),
    "a closed vocabulary written has a new word": (
        "tally",
        lambda one: one["$defs"]["Verdict"]["enum"].append("MAYBE"),
        "tally: verdict: the words MAYBE are new, and the vocabulary is closed",
    ),
    "an open vocabulary loses a word": (
        "incident",
        lambda one: one["$defs"]["Conduct"]["x-extensible-enum"].remove("shelling"),
        "incident: conduct: the words shelling are gone; keep them, even if nothing is called so any longer",
    ),
    "a bound written is wider": (
        "tally",
        lambda one: one["properties"]["count"].pop("minimum"),
        "tally: count: minimum is None, it was 0",
    ),
    "a nested field written is gone": (
        "incident",
        lambda one: one["$defs"]["PublicPlaceValue"]["properties"].pop("lat"),
        "incident: place.lat: the field is gone",
    ),
    "a list written holds something else": (
        "assessment",
        lambda one: one["$defs"]["FindingValue"]["properties"]["reasons"]["items"].update(type="integer"),
        "assessment: findings[].reasons[]: the type is integer, it was string",
    ),
    "a header has another form": (
        "event-headers",
        lambda one: one["properties"]["cohstream.revision"].update(pattern="^.*$"),
        "event-headers: cohstream.revision: pattern is '^.*$', it was",
    ),
    "a report needs a new field": (
        "report",
        lambda one: one["required"].append("note"),
        "report: note: the field is required; whoever wrote it without this field would be refused: make it optional",
    ),
    "a word of reports is gone": (
        "report",
        lambda one: one["$defs"]["Kind"].update(enum=without(one["$defs"]["Kind"]["enum"], "denial")),
        "report: kind: the words denial are gone",
    ),
    "a type of reports is another": (
        "report",
        lambda one: one["properties"]["revision"].update(type="string"),
        "report: revision: the type is string, it was integer",
    ),
    "a bound of reports is narrower": (
        "report",
        lambda one: one["properties"]["source"].update(maxLength=100),
        "report: source: maxLength is 100, it was 300",
    ),
    "a field of reports may no longer be null": (
        "report",
        lambda one: one["properties"].update(note={"type": "string", "maxLength": 20_000, "default": None}),
        "report: note: the type is string, it was null",
    ),
    "a field of reports is gone": (
        "report",
        lambda one: one["$defs"]["StatedPlace"]["properties"].pop("radius_km"),
        "report: place.radius_km: the field is gone",
    ),
    "a report left open means something else": (
        "report",
        lambda one: one["properties"]["retracts"].update(default=True),
        "report: retracts: left out it means True, it meant False",
    ),
    "a report may say less": (
        "report",
        lambda one: one["anyOf"].pop(),
        "report: ",
    ),
}

COMPATIBLE: dict[str, tuple[str, Change]] = {
    "an optional field is written": ("tally", lambda one: one["properties"].update(zone={"type": "string"})),
    "an open vocabulary has a new word": (
        "tally",
        lambda one: one["$defs"]["Weapon"]["x-extensible-enum"].append("laser"),
    ),
    "a description is better": ("tally", lambda one: one["properties"]["count"].update(description="How many.")),
    "a report may have a new field": ("report", lambda one: one["properties"].update(zone={"type": "string"})),
    "a part of a report may have a new field": (
        "report",
        lambda one: (
            one["$defs"]["StatedPlace"]["properties"].update(altitude={"type": "number"}),
            one["properties"]["place"]["default"].update(altitude=None),
        ),
    ),
    "a vocabulary of reports has a new word": ("report", lambda one: one["$defs"]["Kind"]["enum"].append("rumour")),
    "a bound of reports is wider": ("report", lambda one: one["properties"]["source"].update(maxLength=500)),
    "a type of reports is wider": ("report", lambda one: one["properties"]["revision"].update(type="number")),
    "a field of reports may be null": (
        "report",
        lambda one: one["properties"].update(occurred=nullable(one["properties"]["occurred"])),
    ),
    "a field of reports is no longer required": ("report", lambda one: one["required"].remove("source")),
    "a report may say something new": ("report", lambda one: one["anyOf"].append({"required": ["note"]})),
}


@pytest.mark.parametrize("case", BREAKING)
def test_a_breaking_change_is_refused(case: str) -> None:
    name, change, told = BREAKING[case]
    assert any(one.startswith(told) for one in of(name, change)), of(name, change)


@pytest.mark.parametrize("case", COMPATIBLE)
def test_a_compatible_change_passes(case: str) -> None:
    assert of(*COMPATIBLE[case]) == []


def test_a_schema_that_is_gone_is_refused() -> None:
    rest = {name: one for name, one in RELEASED.items() if name != "tally"}
    assert [str(one) for one in breaks(RELEASED, rest)] == ["tally: value: the schema is gone; keep it"]
