"""The real files: every row is accounted for, and every report passes the model."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from cohstream.domain.report import Report
from cohstream.domain.vocabulary import Kind
from cohstream.errors import InputError
from cohstream.importers import Row, detect, open_input
from cohstream.samples import sample_rows


def rows(folder: Path, name: str) -> list[Row]:
    return list(open_input(folder / name))


def notices(of: list[Row]) -> Counter[str]:
    return Counter(notice for row in of for notice in row.notices)


def identities(of: list[Row]) -> set[tuple[str, str]]:
    return {Report.model_validate_json(row.report).identity for row in of if row.report}


@pytest.mark.parametrize(
    ("name", "format_name"),
    [
        ("coh_documented_reports/reports.csv", "csv"),
        ("centcom_isil_strikes/all.csv", "centcom"),
        ("centcom_isil_strikes/all-edited-refined.csv", "centcom"),
        ("airwars_syria/incidents.csv", "airwars"),
        ("ukraine_sirens/official_data_en.csv", "ukraine-sirens"),
        ("ukraine_sirens/volunteer_data_en.csv", "ukraine-sirens-volunteers"),
        ("israel_alerts/israel-alerts.csv", "israel-alerts"),
    ],
)
def test_formats_are_detected_and_every_report_passes_the_model(real_data: Path, name: str, format_name: str) -> None:
    path = real_data / name
    assert detect(path.read_bytes()[:4096]) == format_name
    found = rows(real_data, name)
    for row in found:
        if row.report is not None:
            report = Report.model_validate_json(row.report)
            assert report.received_at is not None
            assert not report.model_extra
    assert b"\n".join(row.raw for row in found) in path.read_bytes().replace(b"\r\n", b"\n")


def test_documented_reports(real_data: Path) -> None:
    found = rows(real_data, "coh_documented_reports/reports.csv")
    assert len(found) == 364
    assert not notices(found)
    reports = [Report.model_validate_json(row.report or b"") for row in found]
    kinds = Counter(report.kind for report in reports)
    assert kinds[Kind.STATEMENT] == 14
    assert kinds[Kind.COUNT] == 2
    assert kinds[Kind.OBSERVATION] == 1
    assert max(report.revision for report in reports) == 4
    assert [report.revision for report in reports if report.retracts] == [1]


def test_centcom_releases_count_once_in_both_files(real_data: Path) -> None:
    refined = rows(real_data, "centcom_isil_strikes/all-edited-refined.csv")
    raw = rows(real_data, "centcom_isil_strikes/all.csv")
    assert (len(refined), len(raw)) == (5_531, 5_605)
    assert all(row.report is not None for row in (*refined, *raw))
    assert len(identities(refined)) == 5_525
    assert len(identities(refined) & identities(raw)) == 5_520
    assert len({row.report for row in refined}) == 5_527


def test_airwars_rejects_only_rows_without_a_day_or_with_an_impossible_place(real_data: Path) -> None:
    found = rows(real_data, "airwars_syria/incidents.csv")
    assert len(found) == 7_370
    assert Counter(row.code for row in found if row.code) == {"no_event_date": 3, "out_of_range": 1}
    assert not [notice for notice in notices(found) if notice.startswith("unknown_")]


@pytest.mark.parametrize(
    ("name", "records"),
    [
        ("ukraine_sirens/official_data_en.csv", 43_031),
        ("ukraine_sirens/volunteer_data_en.csv", 54_514),
        ("israel_alerts/israel-alerts.csv", 25_401),
    ],
)
def test_every_alert_is_a_report_of_its_own(real_data: Path, name: str, records: int) -> None:
    found = rows(real_data, name)
    assert len(found) == len(identities(found)) == records
    assert not [notice for notice in notices(found) if notice.startswith("unknown_")]


def test_the_table_of_airwars_sources_is_no_known_format(real_data: Path) -> None:
    head = (real_data / "airwars_syria" / "source_reports.csv").read_bytes()[:4096]
    with pytest.raises(InputError, match="format is not known"):
        detect(head)


def test_the_sample_ships_and_is_readable() -> None:
    found = sample_rows()
    assert len(found) > 300
    for row in found:
        report = Report.model_validate_json(row.report or b"")
        assert report.links or report.note
        assert report.received_at is not None


def test_the_sample_holds_documented_reports_only(real_data: Path) -> None:
    shipped = identities(sample_rows())
    assert shipped <= identities(rows(real_data, "coh_documented_reports/reports.csv"))
