"""The fast decoder against the model it is derived from: it may pass, never differ."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from cohstream.domain.report import Report
from cohstream.domain.report_decoder import decode
from cohstream.domain.vocabulary import Kind, Presence, TimePrecision
from cohstream.samples import sample_rows

TIMES = (
    "2016-02-27T00:00:00+02:00",
    "2016-02-27T00:00:00Z",
    "2016-02-28T09:30:15.25+02:00",
    "2016-02-27T00:00:00",
    "2016-02-27",
    "1456531200",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    1456531200,
    None,
)
odd = st.sampled_from([None, "", "x", 0, 1, 1.0, -1, True, [], {}, "é", 2**70, 1e300])
quantities = st.one_of(
    odd, st.fixed_dictionaries({"min": st.integers(-1, 5), "max": st.one_of(st.none(), st.integers(-1, 5))})
)


def words(vocabulary: type[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from([str(word) for word in vocabulary]), odd)


bodies = st.fixed_dictionaries(
    {
        "source": st.one_of(st.just("SNHR"), odd),
        "report_id": st.one_of(st.just("1"), odd),
        "kind": words(Kind),
        "occurred": st.one_of(
            odd,
            st.fixed_dictionaries(
                {"start": st.sampled_from(TIMES)},
                optional={"end": st.sampled_from(TIMES), "precision": words(TimePrecision)},
            ),
        ),
    },
    optional={
        "revision": st.one_of(st.integers(-1, 3), odd),
        "published_at": st.sampled_from(TIMES),
        "place": st.one_of(
            odd,
            st.fixed_dictionaries({}, optional={"text": odd, "lat": st.one_of(st.floats(-100, 100), odd), "lon": odd}),
        ),
        "conduct": st.one_of(st.sampled_from(["shelling", "attack", "witchcraft"]), odd),
        "statement": st.sampled_from([None, "truce", "x"]),
        "weapon": st.one_of(odd, st.fixed_dictionaries({}, optional={"class": odd, "code": odd, "count": quantities})),
        "harm": st.one_of(odd, st.fixed_dictionaries({}, optional={"killed": quantities})),
        "excluded_presence": words(Presence),
        "retracts": st.one_of(st.booleans(), odd),
        "links": st.one_of(st.lists(st.text(max_size=3), max_size=2), odd),
        "extra": st.one_of(odd, st.dictionaries(st.text(max_size=3), odd, max_size=2)),
        "colour": odd,
    },
)


def said(part: Any) -> Any:
    """Everything that a part or its twin says, by field."""
    if isinstance(part, BaseModel):
        return {name: said(getattr(part, name)) for name in type(part).model_fields}
    if hasattr(part, "__struct_fields__"):
        return {name: said(getattr(part, name)) for name in part.__struct_fields__}
    return part


@settings(max_examples=400, deadline=None)
@given(bodies)
def test_what_it_accepts_the_model_accepts_with_equal_values(body: dict[str, Any]) -> None:
    raw = json.dumps(body).encode()
    fast = decode(raw)
    try:
        slow = Report.model_validate_json(raw)
    except ValidationError:
        assert fast is None
    else:
        assert fast is None or said(fast) == said(slow)


def test_it_takes_ordinary_reports_off_the_model_and_reads_them_alike() -> None:
    lines = [row.report for row in sample_rows() if row.report is not None]
    assert all(decode(line) is not None for line in lines)
    assert all(said(decode(line)) == said(Report.model_validate_json(line)) for line in lines)


def test_its_parts_have_the_methods_of_the_model() -> None:
    raw = b'{"source":"S","report_id":"1","kind":"denial","conduct":"raid","occurred":{"start":"2016-03-01T00:00:00Z"}}'
    fast, slow = decode(raw), Report.model_validate_json(raw)
    assert fast is not None
    assert fast.identity == slow.identity
    assert fast.occurred.interval() == slow.occurred.interval()
