from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from importlib.resources import files
from typing import Any

import httpx
import pytest
from ledgers import ALEPPO, COH, DARAYA, START, Feed, SampleAgreement, findings_of, make_claim, make_incident

from cohstream.domain.place import UNKNOWN_PLACE
from cohstream.domain.vocabulary import Policy, Verdict, Verification
from cohstream.publish.metrics import Metrics
from cohstream.publish.reasons import wording
from cohstream.web.app import create_app
from cohstream.web.summary import MAX_SLOTS
from cohstream.web.view import Progress, View


def make_view(feed: Feed, ready: bool = True, progress: Progress | None = None) -> View:
    agreements = {COH: SampleAgreement()}
    metrics = Metrics(feed.ledger, agreements)
    metrics.ready = ready
    return View(feed.ledger, metrics, agreements, "a test", feed.ledger.resolve, progress or Progress())


def client_of(view: View) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(view)), base_url="http://page.test")


@pytest.fixture
def ask() -> Callable[..., Any]:
    async def ask_once(view: View, url: str, **params: str) -> Any:
        async with client_of(view) as client:
            answer = await client.get(url, params=params)
            assert answer.status_code == 200, answer.text
            return answer.json()

    return ask_once


def feed_of_three() -> Feed:
    feed = Feed()
    feed.put(make_incident(1), findings_of(but={Policy.STRICT_EXCLUSION: Verdict.CONTESTED}))
    feed.put(make_incident(2, start=START + timedelta(days=2), verification=Verification.CORROBORATED, place=DARAYA))
    feed.put(
        make_incident(3, start=START + timedelta(days=1), conduct="shelling"),
        findings_of("opposition", Verdict.UNDETERMINED),
    )
    return feed


async def test_the_summary_says_violations_per_party(ask: Callable[..., Any]) -> None:
    found = await ask(make_view(feed_of_three()), "/api/summary")
    government, opposition = found["parties"]
    assert (government["id"], government["verdicts"]["VIOLATION"], government["uncorroborated"]) == ("gos", 2, 1)
    assert government["policies"]["strict_exclusion"] == [1, 2]
    assert opposition["policies"]["target_based"] == [0, 1]


async def test_the_timeline_runs_over_event_days(ask: Callable[..., Any]) -> None:
    timeline = (await ask(make_view(feed_of_three()), "/api/summary"))["timeline"]
    assert timeline["slots"] == ["2016-02-27", "2016-02-28", "2016-02-29"]
    assert timeline["parties"]["gos"]["VIOLATION"] == [1, 0, 1]
    assert timeline["parties"]["opposition"]["UNDETERMINED"] == [0, 1, 0]


@pytest.mark.parametrize(("days", "unit"), [(150, "day"), (1_000, "week"), (4_000, "month"), (40_000, "year")])
async def test_long_spans_are_cut_more_coarsely(ask: Callable[..., Any], days: int, unit: str) -> None:
    feed = Feed()
    feed.put(make_incident(1))
    feed.put(make_incident(2, start=START + timedelta(days=days)))
    timeline = (await ask(make_view(feed), "/api/summary"))["timeline"]
    assert timeline["unit"] == unit
    assert len(timeline["slots"]) <= MAX_SLOTS + 1
    assert sum(timeline["parties"]["gos"]["VIOLATION"]) == 2


async def test_incidents_without_one_day_are_told_apart(ask: Callable[..., Any]) -> None:
    feed = Feed()
    feed.put(make_incident(event_day="undetermined"))
    timeline = (await ask(make_view(feed), "/api/summary"))["timeline"]
    assert (timeline["slots"], timeline["undated"]) == ([], {"gos": 1})


async def test_incidents_come_newest_first(ask: Callable[..., Any]) -> None:
    found = await ask(make_view(feed_of_three()), "/api/incidents")
    assert [one["incident_id"] for one in found["incidents"]] == ["i2", "i3", "i1"]
    assert found["incidents"][0]["findings"] == [
        {"party": "gos", "verdict": "VIOLATION", "reasons": ["V-AIR-COVERED"], "flags": ["IHL-CONCERN"]}
    ]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"party": "opposition"}, ["i3"]),
        ({"verdict": "CONTESTED", "policy": "strict_exclusion"}, ["i1"]),
        ({"area": "SY03"}, ["i2"]),
        ({"point": f"{ALEPPO.lat},{ALEPPO.lon}"}, ["i3", "i1"]),
        ({"limit": "1", "offset": "1"}, ["i3"]),
    ],
)
async def test_incidents_can_be_filtered(ask: Callable[..., Any], query: dict[str, str], ids: list[str]) -> None:
    found = await ask(make_view(feed_of_three()), "/api/incidents", **query)
    assert [one["incident_id"] for one in found["incidents"]] == ids


async def test_the_areas_of_the_metrics_can_be_listed(ask: Callable[..., Any]) -> None:
    feed = feed_of_three()
    feed.put(make_incident(4, place=ALEPPO._replace(area="cell:sv8w")))
    feed.put(make_incident(5, place=UNKNOWN_PLACE))
    listed = {
        area: [one["incident_id"] for one in (await ask(make_view(feed), "/api/incidents", area=area))["incidents"]]
        for area in ("SY02", "other", "unknown")
    }
    assert listed == {"SY02": ["i3", "i1"], "other": ["i4"], "unknown": ["i5"]}


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("/api/summary?agreement=nope", "loaded are: SY-COH-2016-02"),
        ("/api/summary?policy=nope", "strict_exclusion"),
        ("/api/incidents?verdict=nope", "NOT_A_VIOLATION"),
        ("/api/incidents?limit=201", "0 to 200"),
        ("/api/incidents?offset=-1", "0 to"),
        ("/events?policy=nope", "strict_exclusion"),
    ],
)
async def test_a_wrong_query_is_told_what_is_right(url: str, word: str) -> None:
    async with client_of(make_view(Feed())) as client:
        answer = await client.get(url)
    assert answer.status_code == 400
    assert word in answer.json()["error"]


async def test_the_map_counts_by_public_point(ask: Callable[..., Any]) -> None:
    feed = feed_of_three()
    feed.put(make_incident(4, place=DARAYA, target="medical"))
    found = await ask(make_view(feed), "/api/map")
    points = {(one["lat"], one["lon"]): one["counts"] for one in found["places"]}
    assert points == {
        (ALEPPO.lat, ALEPPO.lon): {"VIOLATION": 1, "UNDETERMINED": 1},
        (DARAYA.lat, DARAYA.lon): {"VIOLATION": 1},
        (33.5, 36.2): {"VIOLATION": 1},
    }


async def test_the_detail_explains_and_names_its_sources(ask: Callable[..., Any]) -> None:
    feed = feed_of_three()
    feed.keep(make_claim(1, links=("https://example.org/a", "javascript:alert(1)")))
    found = await ask(make_view(feed), "/api/incidents/i1")
    assert found["sources"][0]["links"] == ["https://example.org/a"]
    finding = found["assessments"][0]["findings"][0]
    assert (finding["policy"], finding["verdict"]) == ("strict_exclusion", "CONTESTED")
    assert finding["trace"][0] == "time: in force"
    assert "exact street" not in json.dumps(found)


async def test_a_former_id_leads_to_the_incident(ask: Callable[..., Any]) -> None:
    feed = Feed()
    feed.put(make_incident(1, members=("i1", "i7")))
    found = await ask(make_view(feed), "/api/incidents/i7")
    assert (found["asked"], found["incident"]["incident_id"]) == ("i7", "i1")


async def test_an_unknown_incident_is_not_found() -> None:
    async with client_of(make_view(Feed())) as client:
        answer = await client.get("/api/incidents/nope")
    assert (answer.status_code, "no incident 'nope'" in answer.json()["error"]) == (404, True)


async def test_nothing_exact_of_a_protected_site_leaves(ask: Callable[..., Any]) -> None:
    feed = Feed()
    feed.put(make_incident(target="medical", place=DARAYA))
    view = make_view(feed)
    for url in ("/api/incidents", "/api/incidents/i1", "/api/map"):
        text = json.dumps(await ask(view, url))
        assert "Darayya district" in text
        assert "33.4582" not in text
        assert '"Daraya"' not in text


async def test_probes_and_metrics() -> None:
    view = make_view(Feed(), ready=False)
    async with client_of(view) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/api/summary")).json()["parties"] == []
        view.metrics.ready = True
        assert (await client.get("/readyz")).status_code == 200
        assert "cohstream_state_ready 1.0" in (await client.get("/metrics")).text


async def test_every_answer_is_locked_down() -> None:
    async with client_of(make_view(Feed())) as client:
        for url in ("/", "/assets/app.js", "/api/summary", "/metrics", "/nope"):
            headers = (await client.get(url)).headers
            assert "default-src 'self'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"


async def test_events_tell_every_change_and_no_more_than_four_a_second() -> None:
    feed = Feed()
    view = make_view(feed)
    sent: list[bytes] = []
    app = create_app(view)
    done = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await done.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))

    scope = {"type": "http", "method": "GET", "path": "/events", "query_string": b"", "headers": []}
    task = asyncio.create_task(app(scope, receive, send))
    for number in range(10):
        feed.put(make_incident(number))
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.4)
    done.set()
    await task
    events = [json.loads(part) for part in re.findall(rb"data: (.*?)\r?\n", b"".join(sent))]
    assert 3 <= len(events) <= 6
    assert events[-1]["parties"][0]["verdicts"]["VIOLATION"] == 10


async def test_every_reason_of_the_domain_reference_has_its_sentence(ask: Callable[..., Any]) -> None:
    found = await ask(make_view(Feed()), "/api/vocabulary")
    assert len(found["reasons"]) == 39  # and U-WHO-FIRED-FIRST
    assert set(found["verdicts"]) == set(Verdict)
    assert set(found["policies"]) == set(Policy)
    assert all(text["sentence"].endswith(".") for text in wording().reasons.values())


def test_shipped_libraries_are_the_ones_noted() -> None:
    vendor = files("cohstream.web").joinpath("assets/vendor")
    noted = re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", vendor.joinpath("NOTICE.md").read_text(), re.MULTILINE)
    assert len(noted) == 3
    for name, digest in noted:
        assert hashlib.sha256(vendor.joinpath(name).read_bytes()).hexdigest() == digest
