"""Factories for the law's tests: facts with everything undecided but what a test says, and findings on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from cohstream.domain.assessment import Finding
from cohstream.domain.place import Place
from cohstream.domain.vocabulary import AttributionConfidence, Policy, Presence, Verification
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law import Agreement, evaluate, load_agreements
from cohstream.law.facts import Facts

MARCH = datetime(2016, 3, 10, 10, 0, tzinfo=UTC)


def place_in(admin1: str, radius_km: float | None = 2.0, area: str | None = None) -> Place:
    return Place("", "", None, None, radius_km, admin1, "", area if area is not None else (admin1 or "unknown"))


BASE = Facts(
    start=MARCH,
    end=MARCH,
    place=place_in("SY04"),
    conduct="shelling",
    weapon="indirect_fire.artillery",
    target="covered_party_force",
    target_actors=("opp.rahman",),
    perpetrators=("gov.saa",),
    confidence=AttributionConfidence.PROBABLE,
    denied_by=(),
    presence=Presence.NONE,
    delineated=False,
    verification=Verification.ALLEGED,
    circumstances=(),
)
"""Government artillery on a committed group, where no excluded group is: a violation under every policy."""


@pytest.fixture(scope="session")
def agreements() -> Mapping[str, Agreement]:
    return load_agreements()


@pytest.fixture(scope="session")
def actors() -> ActorRegistry:
    return ActorRegistry.load()


@pytest.fixture
def facts() -> Callable[..., Facts]:
    """``facts(target="market", at="2016-02-28T12:00+02:00", admin1="SY02")``: the base facts, changed."""

    def make(*, at: str | None = None, until: str | None = None, admin1: str | None = None, **fields: Any) -> Facts:
        if at is not None:
            fields["start"] = fields["end"] = datetime.fromisoformat(at)
        if until is not None:
            fields["end"] = datetime.fromisoformat(until)
        if admin1 is not None:
            fields["place"] = place_in(admin1)
        return BASE._replace(**fields)

    return make


@pytest.fixture
def judged(agreements: Mapping[str, Agreement], actors: ActorRegistry) -> Callable[..., Finding]:
    """``judged(facts, agreement=..., policy=...)``: the finding under one policy, by default the agreement's."""

    def judge(facts: Facts, agreement: str = "SY-COH-2016-02", policy: Policy | None = None) -> Finding:
        text = agreements[agreement]
        wanted = policy or text.default_policy
        return next(one for one in evaluate(text, facts, actors) if one.policy is wanted)

    return judge


@pytest.fixture
def verdicts(agreements: Mapping[str, Agreement], actors: ActorRegistry) -> Callable[..., list[str]]:
    """``verdicts(facts)``: the first reason under each of the six policies, in their order."""

    def judge(facts: Facts, agreement: str = "SY-COH-2016-02") -> list[str]:
        return [one.reasons[0] for one in evaluate(agreements[agreement], facts, actors)]

    return judge
