"""The report form: strict where guessing would be needed, open where sources differ."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cohstream.engine.intake import MAX_RECORD_BYTES, read_report
from cohstream.errors import ReportError

MINIMAL: dict[str, Any] = {
    "source": "SNHR",
    "report_id": "1",
    "kind": "allegation",
    "occurred": {"start": "2016-02-27T00:00:00+02:00"},
    "conduct": "shelling",
}


def raw(**fields: Any) -> bytes:
    return json.dumps({**MINIMAL, **fields}).encode()


def test_only_five_fields_are_required() -> None:
    report = read_report(raw())
    assert report.identity == ("SNHR", "1")
    assert report.revision == 0


@pytest.mark.parametrize("field", ["source", "report_id", "kind", "occurred"])
def test_a_missing_field_is_named(field: str) -> None:
    body = {name: value for name, value in MINIMAL.items() if name != field}
    with pytest.raises(ReportError, match=f"'{field}' is missing") as caught:
        read_report(json.dumps(body).encode())
    assert caught.value.code == "missing_field"


def test_a_statement_needs_no_conduct_but_something_must_be_said() -> None:
    said = raw(kind="statement", conduct=None, statement="truce")
    assert read_report(said).statement == "truce"
    with pytest.raises(ReportError, match="'conduct' or a 'statement'"):
        read_report(raw(conduct=None))


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"occurred": {"start": "2016-02-27T00:00:00"}}, "naive_time", "offset"),
        ({"occurred": {"start": 1456531200}}, "bad_time", "seconds or milliseconds"),
        ({"occurred": {"start": "1456531200"}}, "bad_time", "ISO 8601"),
        ({"occurred": {"start": "2016-02-27T23:59:60Z"}}, "bad_time", "ISO 8601"),
        ({"occurred": {"start": "0001-01-01T00:00:00Z"}}, "bad_time", "1900"),
        ({"occurred": {"start": "9999-12-31T23:59:59Z"}}, "bad_time", "2200"),
        (
            {"occurred": {"start": "2016-02-28T00:00:00Z", "end": "2016-02-27T00:00:00Z"}},
            "contradiction",
            "before",
        ),
        ({"place": {"lat": 90.0001, "lon": 0.0}}, "out_of_range", "place.lat"),
        ({"place": {"lat": float("nan"), "lon": 0.0}}, "not_finite", "finite"),
        ({"place": {"lat": 33.0}}, "contradiction", "both lat and lon"),
        ({"conduct": "shelng"}, "unknown_word", "did you mean 'shelling'"),
        ({"kind": "rumour"}, "unknown_word", "allegation"),
        ({"excluded_presence": "some"}, "unknown_word", "disputed"),
        ({"revision": "1"}, "wrong_type", "revision"),
        ({"revision": -1}, "out_of_range", "revision"),
        ({"harm": {"killed": {"min": 3, "max": 2}}}, "contradiction", "below min"),
        ({"harm": {"killed": {"min": 2**63, "max": None}}}, "out_of_range", "killed"),
    ],
)
def test_what_cannot_be_read_gets_a_code_and_a_remedy(fields: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(ReportError) as caught:
        read_report(raw(**fields))
    assert caught.value.code == code
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"[]", "wrong_type"),
        (b"null", "wrong_type"),
        (b'{"source": "\xff"}', "bad_encoding"),
        ('{"source": "x"}'.encode("utf-16"), "bad_encoding"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "too_deep"),
        (b'{"source": "' + b"x" * MAX_RECORD_BYTES + b'"}', "too_large"),
    ],
)
def test_bytes_that_are_no_report(line: bytes, code: str) -> None:
    with pytest.raises(ReportError) as caught:
        read_report(line)
    assert caught.value.code == code


def test_unknown_fields_are_kept() -> None:
    report = read_report(raw(colour="red"))
    assert report.model_extra == {"colour": "red"}
