"""The page tells what is missing of an incident and why its members are in, as `cohstream explain` does."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files

import httpx

from cohstream.engine.queue import open_questions
from cohstream.importers import open_input
from cohstream.law.questions import Inquirer
from cohstream.local.session import Session, Settings
from cohstream.publish.explanation import explain
from cohstream.web.serving import Page
from tools.kafka import free_port


async def test_the_detail_has_the_questions_that_explain_has() -> None:
    session = Session(Settings())
    session.rebuild()
    session.take(list(open_input(str(files("cohstream.samples").joinpath("coh2016.jsonl")), None, lambda _: None)))
    actors = session.knowledge.actors
    inquirer = Inquirer(session.agreements, actors)
    incident = session.ledger.incidents[open_questions(session.ledger, inquirer)[0].incidents[0]]
    async with Page(session, ("127.0.0.1", free_port()), "a test") as page, httpx.AsyncClient() as client:
        told = (await client.get(f"{page.url}api/incidents/{incident.incident_id}")).json()
    found = explain("", incident, session.ledger, session.agreements, session.context, inquirer)
    missing = [[asdict(one) for one in decision.missing] for decision in found.decisions]
    assert any(missing)
    served = [one["missing"] for one in told["assessments"]]
    assert [[{**one, "answers": tuple(one["answers"])} for one in questions] for questions in served] == missing
    members = json.loads(json.dumps([asdict(one) for one in found.members], default=str))
    assert [(one["why"], one["contributes"]) for one in told["sources"]] == [
        (one["why"], one["contributes"]) for one in members
    ]
    assert all(one["why"] and one["contributes"] for one in told["sources"])
