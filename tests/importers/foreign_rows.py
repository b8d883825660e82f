"""Factories of foreign rows: a good row of each format, and what importing rows gave."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from cohstream.domain.report import Report
from cohstream.importers import Row
from cohstream.importers.moments import DAMASCUS

GOOD_ROWS: dict[str, dict[str, str]] = {
    "csv": {
        "row_id": "R1",
        "incident_hint": "somewhere-2016",
        "source": "SNHR",
        "source_stake": "ngo",
        "published_date": "2016-02-28",
        "occurred_start": "2016-02-27",
        "occurred_end": "",
        "time_precision": "day",
        "place_text": "Daraya",
        "place_std": "Daraya",
        "admin1": "Rif Dimashq",
        "lat": "33.458",
        "lon": "36.237",
        "radius_km": "2",
        "perpetrator_claimed": "government forces",
        "perpetrator_id": "gov.saa",
        "perpetrator_certainty": "stated",
        "target_claimed": "town",
        "target_class": "residential",
        "conduct": "shelling",
        "weapon_text": "mortars",
        "weapon_class": "indirect_fire.mortar",
        "munition_count": "14",
        "killed_min": "2",
        "killed_max": "4",
        "injured_min": "",
        "injured_max": "",
        "civilians_killed": "",
        "revises": "",
        "retracts": "",
        "excluded_presence": "disputed",
        "url": "https://example.org/1",
        "certainty": "read",
        "note": "",
    },
    "centcom": {
        "date": "02/28/2016",
        "country": "Syria",
        "location": "Manbij",
        "number": "2",
        "description": "strikes struck an ISIL tactical unit.",
        "line": "- Near Manbij, two strikes struck an ISIL tactical unit.",
    },
    "airwars": {
        "airwars_id": "30925",
        "code": "RS001",
        "url": "https://airwars.org/civilian-casualties/rs001/",
        "incident_date": "2016-03-05",
        "date_end": "",
        "date_type": "date",
        "local_time": "",
        "time_start": "",
        "time_end": "",
        "published": "2016-03-05",
        "modified": "2024-12-15",
        "location_en": "Kafr Daryan",
        "location_ar": "كفردريان",
        "region": "Idlib",
        "governorate": "Idlib",
        "country": "سوريا",
        "lat": "36.17",
        "lon": "36.66",
        "geo_precision": "village",
        "belligerents": "Russian Military",
        "strike_type": "Airstrike",
        "strike_status": "Likely strike",
        "civ_harm_reported": "Yes",
        "evidence_grade": "Fair",
        "cause_of_harm": "",
        "infrastructure": "",
        "total_strikes": "",
        "civ_killed_min": "13",
        "civ_killed_max": "18",
        "civ_injured_min": "15",
        "civ_injured_max": "15",
        "mil_killed_min": "",
        "mil_killed_max": "",
        "n_source_rows": "3",
    },
    "israel-alerts": {
        "data": "Town A, Town B",
        "date": "24.07.2014",
        "time": "17:05:26",
        "alertDate": "2014-07-24T17:05:00",
        "category": "1",
        "category_desc": "missiles",
        "matrix_id": "1",
        "rid": "7",
        "first_seen_utc": "2014-07-24T14:06:00Z",
    },
    "ukraine-sirens": {
        "oblast": "Northern oblast",
        "raion": "Upper raion",
        "hromada": "Hill hromada",
        "level": "hromada",
        "started_at": "2022-03-15 16:10:34+00:00",
        "finished_at": "2022-03-15 16:50:07+00:00",
        "source": "official",
    },
    "ukraine-sirens-volunteers": {
        "region": "Northern oblast",
        "started_at": "2022-03-15 16:10:50+00:00",
        "finished_at": "2022-03-15 16:49:00+00:00",
        "naive": "False",
    },
}


class Import:
    """What importing some rows of one format gave."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = list(rows)

    @property
    def reports(self) -> list[Report]:
        return [Report.model_validate_json(row.report) for row in self.rows if row.report is not None]

    @property
    def report(self) -> Report:
        """The only report; a failure tells why there is none."""
        assert [row.problem for row in self.rows] == [None]
        return self.reports[0]

    @property
    def notices(self) -> list[str]:
        return [notice for row in self.rows for notice in row.notices]

    @property
    def codes(self) -> list[str | None]:
        return [row.code for row in self.rows]


def table(rows: Iterable[dict[str, str]]) -> bytes:
    """``rows`` as CSV."""
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def shown(instant: datetime | None) -> str | None:
    """An instant as clocks in Damascus show it."""
    return None if instant is None else instant.astimezone(DAMASCUS).isoformat()
