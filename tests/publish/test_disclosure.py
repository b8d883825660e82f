from __future__ import annotations

from math import cos, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import ALEPPO, DARAYA, make_incident

from cohstream.domain.canonical import canonical_json
from cohstream.domain.place import UNKNOWN_PLACE
from cohstream.domain.vocabulary import TARGET_FAMILY
from cohstream.publish.disclosure import LEAST_RADIUS_KM, area_name, is_shielded, public_incident


def test_a_hospital_is_published_as_its_district() -> None:
    place = public_incident(make_incident(target="medical", place=DARAYA))["place"]
    assert (place["name"], place["lat"], place["lon"]) == ("Darayya district", 33.5, 36.2)
    assert place["radius_km"] >= LEAST_RADIUS_KM
    assert place["coarsened"]


def test_other_places_stay_exact() -> None:
    place = public_incident(make_incident(target="military_position"))["place"]
    assert (place["name"], place["lat"], place["lon"], place["radius_km"]) == (
        "Aleppo city",
        36.2018,
        37.1342,
        5,
    )
    assert not place["coarsened"]


@pytest.mark.parametrize("target", ["school", "idp_camp", "civil_defence", "media", "aid_convoy", "protected"])
def test_every_protected_site_is_shielded(target: str) -> None:
    assert is_shielded(make_incident(target=target))


def test_the_whole_protected_family_is_shielded() -> None:
    family = [leaf for leaf, family in TARGET_FAMILY.items() if family == "protected"]
    assert all(is_shielded(make_incident(target=leaf)) for leaf in family)


def test_an_unknown_place_stays_unknown() -> None:
    place = public_incident(make_incident(target="medical", place=UNKNOWN_PLACE))["place"]
    assert (place["name"], place["lat"], place["radius_km"]) == ("an unknown place", None, None)


@given(lat=st.floats(-89, 89), lon=st.floats(-180, 180), radius=st.none() | st.floats(0, 50))
def test_the_true_point_lies_within_the_published_radius(lat: float, lon: float, radius: float | None) -> None:
    exact = ALEPPO._replace(lat=lat, lon=lon, radius_km=radius)
    place = public_incident(make_incident(target="medical", place=exact))["place"]
    north = (place["lat"] - lat) * 111.2
    east = (place["lon"] - lon) * 111.2 * cos(radians(lat))
    assert (north**2 + east**2) ** 0.5 + (radius or 0) <= place["radius_km"] + 0.1
    assert place["lat"] == round(place["lat"], 1)


def test_the_public_form_is_canonical_json() -> None:
    assert canonical_json(public_incident(make_incident())).startswith(b'{"area":"SY0200","attribution":')


@pytest.mark.parametrize(
    ("code", "name"),
    [("SY02", "Aleppo governorate"), ("SY0302", "Douma district"), ("unknown", "an unknown place")],
)
def test_areas_have_names(code: str, name: str) -> None:
    assert area_name(code) == name
