"""What a request selects: an agreement, a coverage policy, and filters on incidents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cohstream.domain.vocabulary import Policy, Verdict
from cohstream.errors import CohstreamError
from cohstream.publish.belief import AgreementInfo

MAX_PAGE = 200
"""Most incidents that one answer lists."""


class QueryError(CohstreamError):
    """A query parameter is wrong; the message names it, what it may be, and is shown to the caller."""


class Selection(NamedTuple):
    agreement: AgreementInfo
    policy: Policy


class Filter(NamedTuple):
    """Which incidents to list; empty text selects all. ``point`` is ``lat,lon`` as published."""

    party: str
    verdict: Verdict | None
    area: str
    point: str
    limit: int
    offset: int


def read_selection(query: Mapping[str, str], agreements: Mapping[str, AgreementInfo]) -> Selection:
    """The agreement and policy that ``query`` names; by default the first one, and its default policy."""
    if not agreements:
        raise QueryError("no agreement is loaded; start with at least one")
    name = query.get("agreement") or next(iter(agreements))
    if name not in agreements:
        raise QueryError(f"agreement {name!r} is not loaded; loaded are: {', '.join(sorted(agreements))}")
    agreement = agreements[name]
    policy = query.get("policy") or agreement.default_policy
    if policy not in set(Policy):
        raise QueryError(f"policy {policy!r} is unknown; write one of: {', '.join(Policy)}")
    return Selection(agreement, Policy(policy))


def read_filter(query: Mapping[str, str]) -> Filter:
    """The filter that ``query`` states."""
    verdict = query.get("verdict") or None
    if verdict is not None and verdict not in set(Verdict):
        raise QueryError(f"verdict {verdict!r} is unknown; write one of: {', '.join(Verdict)}")
    return Filter(
        query.get("party", ""),
        Verdict(verdict) if verdict else None,
        query.get("area", ""),
        query.get("point", ""),
        _whole_number(query, "limit", 25, MAX_PAGE),
        _whole_number(query, "offset", 0, 1_000_000_000),
    )


def _whole_number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name) or str(default)
    if not (text.isascii() and text.isdigit()) or int(text) > most:
        raise QueryError(f"{name} is {text!r}; write a whole number from 0 to {most}")
    return int(text)
