"""Any sequence of reports, revisions, retractions, orders, duplicates and restarts equals the batch run."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.intake import claim_id_of
from cohstream.engine.ledger import Ledger
from cohstream.knowledge import load_knowledge
from cohstream.law import load_agreements
from cohstream.publish.digest import digest
from tests.worlds import reports

CONTEXT = Context.of(
    load_knowledge(), {name: one for name, one in load_agreements().items() if name == "SY-COH-2016-02"}
)
ANY = st.randoms(use_true_random=False)


class Fusing(RuleBasedStateMachine):
    """A ledger fed step by step, beside all that was ever sent."""

    @initialize()
    def begin(self) -> None:
        self.ledger = Ledger()
        self.sent: list[dict[str, Any]] = []
        self.ids: set[str] = set()

    def send(self, body: dict[str, Any]) -> None:
        self.sent.append(body)
        apply(self.ledger, [json.dumps(body).encode()], CONTEXT)

    @rule(body=reports())
    def report(self, body: dict[str, Any]) -> None:
        self.send(body)

    @rule(bodies=st.lists(reports(), min_size=2, max_size=6))
    def batch(self, bodies: list[dict[str, Any]]) -> None:
        self.sent += bodies
        apply(self.ledger, [json.dumps(body).encode() for body in bodies], CONTEXT)

    @rule(body=reports(), pick=ANY)
    def revise(self, body: dict[str, Any], pick: Any) -> None:
        if self.sent:
            old = pick.choice(self.sent)
            self.send({**body, "source": old["source"], "report_id": old["report_id"], "revision": 3 + len(self.sent)})

    @rule(pick=ANY)
    def retract(self, pick: Any) -> None:
        if self.sent:
            self.send({**pick.choice(self.sent), "revision": 3 + len(self.sent), "retracts": True})

    @rule(pick=ANY, action=st.sampled_from(["must_link", "cannot_link", "pin"]))
    def order(self, pick: Any, action: str) -> None:
        founding = [body for body in self.sent if body["kind"] in ("allegation", "observation", "denial")]
        if len(founding) < 2:
            return
        chosen = pick.sample(founding, min(len(founding), pick.choice((2, 2, 3))))
        names = [f"{body['source']}/{body['report_id']}" for body in chosen]
        said = {"action": action, "reports": names, "author": "an analyst", "reason": "one video"}
        self.send(
            {
                "source": "Mission",
                "report_id": pick.choice("xyz"),
                "revision": len(self.sent),
                "kind": "override",
                "occurred": chosen[0]["occurred"],
                "place": chosen[0]["place"],
                "override": said,
            }
        )

    @rule(pick=ANY)
    def send_again(self, pick: Any) -> None:
        if self.sent:
            apply(self.ledger, [json.dumps(pick.choice(self.sent)).encode()], CONTEXT)

    @rule(pick=ANY)
    def restart(self, pick: Any) -> None:
        """What was kept is read again, in whatever order it lies."""
        kept = [json.dumps(body).encode() for body in self.sent]
        pick.shuffle(kept)
        self.ledger = Ledger()
        apply(self.ledger, kept, CONTEXT)

    @invariant()
    def equals_the_batch_run(self) -> None:
        oracle = Ledger()
        apply(oracle, [json.dumps(body).encode() for body in self.sent], CONTEXT)
        assert digest(self.ledger) == digest(oracle)

    @invariant()
    def identities_are_consistent(self) -> None:
        for incident_id, incident in self.ledger.incidents.items():
            self.ids.add(incident_id)
            assert incident_id == incident.members[0]
            assert all(self.ledger.resolve(member) == incident_id for member in incident.members)
        living = {claim.claim_id for claim in self.ledger.claims()}
        assert living <= {claim_id_of(body["source"], body["report_id"]) for body in self.sent}
        for former in self.ids:
            now = self.ledger.resolve(former)
            assert now is None or former in self.ledger.incidents[now].members
            assert now is not None or former not in self.anchors()

    def anchors(self) -> set[str]:
        """Claims that found an incident whenever they live: those that tell of an event."""
        return {one.claim_id for one in self.ledger.claims() if one.conduct and not one.statement} & {
            one.claim_id for one in self.ledger.claims() if one.kind in ("allegation", "observation")
        }


TestFusing = Fusing.TestCase
TestFusing.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
