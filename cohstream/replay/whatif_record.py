"""A comparison of two texts as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cohstream.domain.vocabulary import Policy
from cohstream.law.stack import Gap
from cohstream.replay.whatif import GROUPS, Comparison, Mode, Side, WhatIf


def whatif_record(found: WhatIf, comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """``comparisons`` as one JSON object, and how the totals range over the coverage policies."""
    return {
        "a": found.names[0],
        "b": found.names[1],
        "comparisons": [{**_comparison(one), "by_policy": _by_policy(found, one.mode)} for one in comparisons],
    }


def _by_policy(found: WhatIf, mode: Mode) -> dict[str, Any]:
    return {policy.value: asdict(found.compare(mode, policy).total) for policy in Policy}


def _comparison(one: Comparison) -> dict[str, Any]:
    return {
        "mode": one.mode,
        "headline": one.headline,
        "a": _side(one.a),
        "b": _side(one.b),
        "total": asdict(one.total),
        "by": {name: {key: asdict(effect) for key, effect in one.by(group).items()} for name, group in GROUPS.items()},
        "verdicts": [{"a": a, "b": b, "incidents": count} for (a, b), count in one.matrix().items()],
        "gaps": {"a": _gaps(one, of_b=False), "b": _gaps(one, of_b=True)},
        "cells": [
            {**cell._asdict(), **move._asdict(), "incidents": count} for (cell, move), count in one.moves.items()
        ],
    }


def _side(side: Side) -> dict[str, Any]:
    return {"texts": list(side.stack.names), "timeless": side.stack.timeless, "policy": side.policy}


def _gaps(one: Comparison, *, of_b: bool) -> list[dict[str, Any]]:
    return [
        {"weapon": weapon, "party": party, "no_clause": gaps[Gap.NO_CLAUSE], "not_bound": gaps[Gap.NOT_BOUND]}
        for (weapon, party), gaps in one.gaps(of_b=of_b).items()
    ]
