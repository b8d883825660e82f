from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohstream.domain.vocabulary import Reliability, Stake
from cohstream.errors import DataError
from cohstream.knowledge.sources import SourceFile, SourceRegistry
from cohstream.strict_yaml import read_model

REAL_DATA = Path(os.environ.get("COHSTREAM_REAL_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
DOCUMENTED = REAL_DATA / "coh_documented_reports" / "reports.csv"
REGISTRY = SourceRegistry.load()


@pytest.mark.parametrize(
    ("name", "source_id", "stake", "group"),
    [
        ("SOHR", "sohr", Stake.NGO, "sohr"),
        ("Syrian Observatory for Human Rights", "sohr", Stake.NGO, "sohr"),
        ("المرصد السوري لحقوق الانسان", "sohr", Stake.NGO, "sohr"),
        ("SOHR (via AFP)", "sohr", Stake.NGO, "sohr"),
        ("Russian Reconciliation Centre (Hmeimim)", "russian-reconciliation-centre", Stake.GUARANTOR, "russia-state"),
        ("Sputnik", "sputnik", Stake.ALIGNED_MEDIA, "russia-state"),
        ("SANA", "sana", Stake.ALIGNED_MEDIA, "syria-state"),
        ("CENTCOM / CJTF-OIR", "centcom", Stake.PARTY, "us-coalition"),
        ("US State Department", "us-state-department", Stake.GUARANTOR, "us-coalition"),
        ("Turkish army", "turkish-army", Stake.PARTY, "turkey-state"),
        ("UNICEF", "unicef", Stake.UN, "un"),
        ("UNOSAT (satellite imagery)", "unosat", Stake.SENSOR, "unosat"),
        ("Médecins sans frontières", "msf", Stake.NGO, "msf"),
    ],
)
def test_known_sources(name: str, source_id: str, stake: Stake, group: str) -> None:
    source = REGISTRY.lookup(name)
    assert (source.source_id, source.stake, source.group, source.registered) == (source_id, stake, group, True)
    assert source.reliability is Reliability.F


def test_an_unregistered_source_is_a_voice_of_its_own_without_a_stake() -> None:
    source = REGISTRY.lookup("The Daily Foo")
    assert source.source_id == source.name == "The Daily Foo"
    assert (source.stake, source.group, source.registered) == (Stake.UNKNOWN, "daily foo", False)
    assert REGISTRY.lookup("the daily FOO").group == source.group


def test_what_one_wire_carries_is_one_voice() -> None:
    activist = REGISTRY.lookup("opposition activist (via Reuters)")
    assert not activist.registered
    assert activist.group == REGISTRY.lookup("Hama rebel commander (via Reuters)").group == "reuters"


def test_an_outlet_that_quotes_a_monitor_speaks_with_its_voice() -> None:
    quoting = REGISTRY.lookup("AFP (via SOHR)")
    assert (quoting.source_id, quoting.group) == ("afp", "sohr")


@given(st.text(min_size=1, max_size=40))
def test_any_name_has_one_answer(name: str) -> None:
    source = REGISTRY.lookup(name)
    assert source == REGISTRY.lookup(name)
    assert source.group
    assert source.source_id


def test_a_grade_needs_its_reason() -> None:
    text = "reliability: F\nwhy: none\nsources:\n  - {id: foo, name: Foo, stake: ngo, reliability: B}\n"
    with pytest.raises(DataError, match="needs a reason"):
        read_model(SourceFile, text, "sources.yaml")


def test_sources_of_one_name_are_refused() -> None:
    head = "reliability: F\nwhy: none\nsources:\n"
    text = head + "  - {id: foo, name: Foo, stake: ngo}\n  - {id: bar, name: FOO, stake: un}\n"
    with pytest.raises(DataError, match="one phrase of two meanings"):
        SourceRegistry(read_model(SourceFile, text, "sources.yaml"))


@pytest.mark.skipif(not DOCUMENTED.exists(), reason="COHSTREAM_REAL_DATA has no coh_documented_reports")
def test_documented_sources_are_registered_with_the_stake_that_the_compilation_gives() -> None:
    with DOCUMENTED.open(encoding="utf-8", newline="") as stream:
        stakes = {(row["source"], row["source_stake"]) for row in csv.DictReader(stream)}
    registered = [(REGISTRY.lookup(name), stake) for name, stake in stakes if REGISTRY.lookup(name).registered]
    assert len(registered) >= 75
    assert [source.name for source, stake in registered if source.stake != stake] == []
