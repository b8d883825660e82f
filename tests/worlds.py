"""Small worlds of reports for the laws of the system: few places, days, actors and ids, so that much of it meets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
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


def exchanges(number: int, seed: int) -> list[dict[str, Any]]:
    """Fire and answers over six weeks of 2016, some of it withdrawn later, and notices of strikes; published late."""
    draw = Random(seed)
    told = []
    for name in range(number):
        start = datetime(2016, 3, 1, tzinfo=UTC) + timedelta(minutes=draw.randrange(42 * 24 * 60))
        by, on = draw.choice([("gov.saa", "opp.ji"), ("opp.ji", "gov.saa")])
        body: dict[str, Any] = {
            "source": draw.choice(["SNHR", "SOHR"]),
            "report_id": str(name),
            "kind": "allegation",
            "published_at": (start + timedelta(hours=draw.randrange(120))).isoformat(),
            "occurred": {
                "start": start.isoformat(),
                "precision": draw.choice(["exact", "exact", "exact", "hour", "day"]),
            },
            "place": {"text": draw.choice(["Talbiseh", "Rastan", "Homs"])},
            "conduct": "shelling",
            "weapon": {"class": draw.choice(["indirect_fire.mortar", "indirect_fire.artillery"])},
            "perpetrator": {"candidates": [by], "certainty": "stated"},
            "target": {"class": "covered_party_force", "candidates": [on]},
            "excluded_presence": "none",
            "circumstances": draw.choice([[], [], ["self_defence"], ["return_fire"], ["agreed_strike"]]),
        }
        if draw.random() < 0.1:
            span = {"end": (start + timedelta(days=draw.randrange(1, 20))).isoformat(), "precision": "range"}
            body |= {"kind": "statement", "statement": "notification", "occurred": {**body["occurred"], **span}}
        told.append(body)
        if draw.random() < 0.2:
            withdrawn = (start + timedelta(days=draw.randrange(1, 12))).isoformat()
            told.append({**body, "revision": 1, "retracts": True, "published_at": withdrawn})
    return told


def lines(bodies: Sequence[dict[str, Any]]) -> list[bytes]:
    return [json.dumps(body).encode() for body in bodies]
