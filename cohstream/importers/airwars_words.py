"""The closed vocabularies of Airwars' incident tables, each word with what it means here.

Words are those of the published columns; a word that is missing here is told by the importer and read as unknown.
"""

from __future__ import annotations

from datetime import time
from typing import NamedTuple

BELLIGERENTS: dict[str, tuple[str, ...]] = {
    "Russian Military": ("ext.russia",),
    "U.S.-led Coalition": ("ext.cjtf",),
    "US-led Coalition": ("ext.cjtf",),
    "UK Military": ("ext.cjtf",),
    "US Military": ("ext.cjtf",),
    "French Military": ("ext.cjtf",),
    "Turkish Military": ("ext.turkey",),
    "YPG": ("kur.ypg",),
    "Syrian Democratic Forces": ("kur.sdf",),
    "SDF": ("kur.sdf",),
    "Kurdish Forces": ("kur.sdf", "kur.ypg"),
    "Israeli Military": ("ext.israel",),
    "Iranian Military": ("ally.irgc",),
    "Jordanian Military": ("ext.jordan",),
    "Syrian Regime": ("gov.saa",),
    "Syrian Government": ("gov.saa",),
    "Syrian Military": ("gov.saa",),
    "Hezbollah": ("ally.hezbollah",),
    "ISIS": ("exc.isil",),
    "Tribal Forces": ("unk.unidentified",),
    "Unknown": ("unk.unidentified",),
}
"""Military forces to actors. Tribal forces and "Unknown" are somebody, but nobody we can name."""


class Means(NamedTuple):
    """Conduct and weapon that one word stands for."""

    conduct: str
    weapon: str


ANY_ATTACK = Means("attack", "undetermined_weapon")
"""The family's own word: an attack of a kind that was not said."""

AIR_STRIKE = Means("air_strike", "air_delivered.undetermined")

STRIKE_TYPES: dict[str, Means] = {
    "Airstrike": AIR_STRIKE,
    "Drone Strike": Means("air_strike", "air_delivered.armed_uav"),
    "Artillery": Means("shelling", "indirect_fire.artillery"),
    "Airstrike and/or Artillery": ANY_ATTACK,
    "Naval bombardment": Means("shelling", "naval_gunfire"),
    "Ground operation": Means("ground_assault", "undetermined_weapon"),
    "Counter-Terrorism Action (Ground)": Means("raid", "undetermined_weapon"),
    "Unknown": ANY_ATTACK,
}

CAUSES: dict[str, Means] = {
    "Heavy weapons and explosive munitions": ANY_ATTACK,
    "Small arms and light weapons": Means("direct_fire", "direct_fire.undetermined"),
    "Planted explosives and unexploded ordnance (UXO)": Means("bombing", "explosive_other.undetermined"),
    "Chemical, Biological, Radiological, Nuclear (CBRN)": Means("chemical_attack", "chemical.undetermined"),
    "Incendiary": ANY_ATTACK,
    "Accidents related to conflict": Means("accident", "undetermined_weapon"),
    "Run over by vehicle": Means("other", "non_kinetic"),
    "Use of objects and other means": Means("other", "undetermined_weapon"),
    "Electromagnetic weapons": Means("other", "undetermined_weapon"),
    "Denial of access to/destruction of objects indispensable to survival": Means(
        "obstruct_humanitarian_access", "undetermined_weapon"
    ),
    "Unknown": ANY_ATTACK,
}
"""Causes of harm; read only where the strike type is empty."""

AIR_SERIES = ("CS", "RS")
AIR_SERIES_LAST_YEAR = 2017
"""Until 2017 the series of coalition and Russian strikes were of air strikes: of the rows up to then that do name
a type nearly nine in ten are air strikes alone, of those since about half. Within these years an empty type is
read so, and told."""

GRADES: dict[str, str | None] = {
    "Confirmed": "verified",
    "Fair": "corroborated",
    "Weak": "alleged",
    "Contested": "alleged",
    "Discounted": "discounted",
}
"""Airwars' grades of evidence to verification. Confirmed: the belligerent accepted responsibility; fair: two or more
credible sources; weak: one; contested: sources name rival belligerents; discounted: found not to be so."""

GRADE_ORDER = ("Discounted", "Contested", "Weak", "Fair", "Confirmed")
"""Of several grades in one cell the most doubtful stands."""

CONTESTED_STATUS = "Contested strike"

TARGETS: dict[str, str] = {
    "Healthcare": "medical",
    "Hospital": "medical",
    "Clinic": "medical",
    "Ambulance": "medical",
    "IDP or Refugee Camp": "idp_camp",
    "Education": "school",
    "School": "school",
    "Secondary School": "school",
    "Religious": "place_of_worship",
    "Mosque": "place_of_worship",
    "Market": "market",
    "Commerce": "market",
    "Shop": "market",
    "Water": "water_power_food",
    "Dam": "water_power_food",
    "Agriculture": "water_power_food",
    "Livestock": "water_power_food",
    "Residential": "residential",
    "House": "residential",
    "Apartment Building": "residential",
    "Vehicle": "civilian_persons",
    "Car": "civilian_persons",
    "Motorcycle": "civilian_persons",
    "Agricultural Land": "open_land",
    "Military": "military_position",
    "Resources": "undetermined",
    "Oil Facility": "undetermined",
    "Warehouse": "undetermined",
    "Equipment / Machinery": "undetermined",
}
"""Kinds of infrastructure to target classes."""

TARGET_ORDER = (
    "medical",
    "idp_camp",
    "school",
    "place_of_worship",
    "water_power_food",
    "market",
    "residential",
    "civilian_persons",
    "open_land",
    "military_position",
    "undetermined",
)
"""Of several kinds hit, the first here stands for the report; all stay in the target's text."""

PARTS_OF_DAY: dict[str, tuple[time, time]] = {
    "after_midnight": (time(0), time(3)),
    "around_dawn": (time(4), time(7)),
    "morning": (time(6), time(12)),
    "around_midday": (time(11), time(14)),
    "during_the_day": (time(6), time(18)),
    "afternoon": (time(12), time(18)),
    "around_dusk": (time(17), time(20)),
    "evening": (time(17), time(22)),
    "around_midnight": (time(0), time(0)),
    "during_the_night": (time(0), time(0)),
}
"""Words for parts of a day, local hours. Midnight and night may be either end of the date, hence its whole day."""

RADIUS_KM: dict[str, float] = {
    "within_1m": 0.05,
    "within_100m": 0.1,
    "exact_location": 0.2,
    "exact_location_other": 0.2,
    "exact_location_coalition": 0.2,
    "street": 0.5,
    "nearby_landmark": 0.7,
    "neighbourhood_area": 1.0,
    "village": 1.5,
    "town": 2.5,
    "city": 5.0,
    "subdistrict": 12.0,
    "district": 20.0,
    "province_governorate": 60.0,
}
"""Precision of a position to the radius of its uncertainty, in km."""
