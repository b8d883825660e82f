"""CENTCOM releases: days, counts in words, and who was aimed at."""

from __future__ import annotations

from typing import Any

import pytest
from foreign_rows import shown

from cohstream.domain.vocabulary import Kind


def test_a_row_becomes_the_admission_of_strikes_on_an_excluded_group(rows_of: Any) -> None:
    report = rows_of("centcom").report
    assert (report.source, report.kind, report.conduct) == ("CENTCOM / CJTF-OIR", Kind.ALLEGATION, "air_strike")
    assert shown(report.occurred.start) == "2016-02-27T00:00:00+02:00"
    assert shown(report.occurred.end) == "2016-02-29T00:00:00+02:00"
    assert report.published_at == report.received_at
    assert shown(report.published_at) == "2016-02-28T00:00:00+02:00"
    assert report.place.text == "Manbij, Syria"
    assert (report.perpetrator.candidates, report.perpetrator.basis) == (("ext.cjtf",), ("admission",))
    assert (report.target.code, report.target.candidates) == ("excluded_org_force", ("exc.isil",))
    assert (report.weapon.count.min, report.weapon.count.max) == (2, 2)
    assert report.excluded_presence is None
    assert report.note == "- Near Manbij, two strikes struck an ISIL tactical unit."


@pytest.mark.parametrize(
    ("description", "code", "candidates", "notices"),
    [
        ("strike hit Daesh fighters.", "excluded_org_force", ("exc.isil",), []),
        ("strike hit the Khorasan Group.", "excluded_org_force", ("exc.nusra",), []),
        ("strike hit ISIL and al-Qa'ida.", "excluded_org_force", ("exc.isil", "exc.nusra"), []),
        ("strike destroyed six oil pumps.", "undetermined", ("exc.isil",), ["target_from_series"]),
        ("strike damaged a supply route.", "road", ("exc.isil",), ["target_from_series"]),
        (
            "strike destroyed inoperable Coalition equipment.",
            "third_state_force",
            ("ext.cjtf",),
            ["target_own_equipment"],
        ),
    ],
)
def test_targets_come_from_the_text(
    rows_of: Any, description: str, code: str, candidates: tuple[str, ...], notices: list[str]
) -> None:
    given = rows_of("centcom", {"number": "1", "description": description, "line": f"- Near X, one {description}"})
    assert (given.report.target.code, given.report.target.candidates) == (code, candidates)
    assert given.notices == notices


@pytest.mark.parametrize(
    ("number", "line", "bounds", "notices"),
    [
        ("2", "- Near X, two strikes struck an ISIL unit.", (2, 2), []),
        ("3", "- Near X, two strikes struck an ISIL unit.", (3, 3), ["count_mismatch"]),
        ("17", "- In X, 17 strikes struck an ISIL unit.", (17, 17), []),
        (
            "2",
            "two strikes struck an ISIL unit. Near Y, three airstrikes struck an ISIL unit.",
            (2, None),
            ["further_counts_in_text"],
        ),
        ("2", "", (2, 2), []),
    ],
)
def test_counts_are_kept_as_published_and_checked(
    rows_of: Any, number: str, line: str, bounds: tuple[int, int | None], notices: list[str]
) -> None:
    description = line[line.index("strikes") :] if line else "strikes struck an ISIL unit."
    given = rows_of("centcom", {"number": number, "description": description, "line": line})
    count = given.report.weapon.count
    assert (count.min, count.max) == bounds
    assert given.notices == notices


def test_a_missing_count_is_told_not_invented(rows_of: Any) -> None:
    given = rows_of("centcom", {"number": ""})
    assert given.report.weapon.count is None
    assert given.notices == ["count_missing"]


@pytest.mark.parametrize(
    ("country", "location", "text", "told"),
    [
        ("Iraq", "Mosul", "Mosul, Iraq", False),
        ("Tikrit, Iraq", "Tikrit", "Tikrit, Iraq", True),
        ("Unknown", "Syria", "Syria", True),
        ("", "Mosul", "Mosul", True),
    ],
)
def test_places(rows_of: Any, country: str, location: str, text: str, told: bool) -> None:
    given = rows_of("centcom", {"country": country, "location": location})
    assert given.report.place.text == text
    assert bool(given.notices) is told


def test_the_id_is_the_content_and_not_the_spelling_of_the_place(rows_of: Any) -> None:
    given = rows_of("centcom", {}, {}, {"location": "Munbij"}, {"number": "3"})
    first, again, respelled, other = (one.report_id for one in given.reports)
    assert first == again == respelled != other
    assert given.rows[0].report == given.rows[1].report != given.rows[2].report
    bare = rows_of("centcom", {"line": ""}, {"line": "", "location": "Munbij"})
    assert len({one.report_id for one in bare.reports}) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"date": "2016-02-28"}, "bad_time"),
        ({"date": "28/02/2016"}, "bad_time"),
        ({"date": "02/30/2016"}, "bad_time"),
        ({"number": "many"}, "wrong_type"),
        ({"number": "NaN"}, "not_finite"),
        ({"location": ""}, "missing_field"),
        ({"description": ""}, "missing_field"),
    ],
)
def test_bad_cells_reject_their_row_only(rows_of: Any, changes: dict[str, str], code: str) -> None:
    assert rows_of("centcom", changes, {}).codes == [code, None]
