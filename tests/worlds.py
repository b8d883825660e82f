"""Small worlds of reports for the laws of the system: few places, days, actors and ids, so that much of it meets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

PLACES = (
    {"text": "Talbiseh"},
    {"text": "Daraya"},
    {"text": "داريا"},
    {"text": "Rastan"},
    {"text": "Homs province"},
    {"text": "Idlib province"},
    {"text": "Qxyzzy"},
    {"lat": 36.2, "lon": 37.13, "radius_km": 1.0},
    {},
)
HOURS = (
    "2016-02-26T20:00:00+02:00",
    "2016-03-01T06:00:00+02:00",
    "2016-03-01T07:30:00+02:00",
    "2016-03-02T10:00:00+02:00",
)
SOURCES = ("SNHR", "SOHR", "Airwars", "SANA")
LENGTHS = (
    {"precision": "exact"},
    {"precision": "part_of_day"},
    {"precision": "day"},
    {"end": "2016-03-02T12:00:00+02:00", "precision": "range"},
)
ACTORS = ((), ("gov.saa",), ("ext.russia",), ("ext.russia", "gov.saa"), ("opp.ji",), ("exc.nusra",), ("ext.turkey",))
CONDUCTS = ("air_strike", "shelling", "territorial_gain", "other", "attack_on_aid")


@st.composite
def reports(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(
            [
                "allegation",
                "allegation",
                "allegation",
                "observation",
                "denial",
                "admission",
                "presence",
                "statement",
                "override",
            ]
        )
    )
    body: dict[str, Any] = {
        "source": draw(st.sampled_from(SOURCES)),
        "report_id": draw(st.sampled_from("abcd")),
        "revision": draw(st.integers(0, 2)),
        "kind": kind,
        "published_at": draw(st.sampled_from([None, "2016-03-02T00:00:00Z", "2016-03-09T00:00:00Z"])),
        "occurred": {
            "start": draw(st.sampled_from(HOURS)),
        }
        | draw(st.sampled_from(LENGTHS)),
        "place": draw(st.sampled_from(PLACES)),
        "conduct": draw(st.sampled_from(CONDUCTS)),
        "weapon": {"text": draw(st.sampled_from([None, "barrel bombs", "mortar", "air strike"]))},
        "perpetrator": {"candidates": draw(st.sampled_from(ACTORS)), "joint": draw(st.booleans())},
        "target": {
            "class": draw(
                st.sampled_from([None, "residential", "medical", "covered_party_force", "excluded_org_force"])
            )
        },
        "excluded_presence": draw(st.sampled_from([None, "none", "joint", "sole", "disputed"])),
        "retracts": draw(st.sampled_from([False, False, False, True])),
    }
    if kind == "override":
        named = st.tuples(st.sampled_from(SOURCES), st.sampled_from("abcd")).map("/".join)
        body["conduct"] = None
        body["override"] = {
            "action": draw(st.sampled_from(["must_link", "cannot_link", "pin"])),
            "reports": draw(st.lists(named, min_size=2, max_size=3)),
            "author": "an analyst",
            "reason": "seen together",
        }
    if kind == "statement":
        body["statement"] = draw(st.sampled_from(["coverage", "truce"]))
    if kind == "presence":
        body["presence"] = {"actor": "exc.nusra", "grade": draw(st.sampled_from(["none", "joint", "sole"]))}
    return body


def lines(bodies: Sequence[dict[str, Any]]) -> list[bytes]:
    return [json.dumps(body).encode() for body in bodies]
