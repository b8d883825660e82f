"""Canonical JSON equals RFC 8785, held against the reference library."""

from __future__ import annotations

import json

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from cohstream.domain.canonical import canonical_json, number

keys = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
numbers = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(-200, 200, allow_nan=False).map(number),
)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)


@given(values)
def test_canonical_json_is_rfc_8785(value: object) -> None:
    assert canonical_json(value) == rfc8785.dumps(json.loads(json.dumps(value)))


@given(st.floats(-200, 200, allow_nan=False))
def test_a_whole_number_has_no_fraction(value: float) -> None:
    prepared = number(value)
    assert prepared is not None
    assert abs(prepared - value) <= 0.5e-5 + 1e-12
    assert isinstance(prepared, int) or prepared != int(prepared)
