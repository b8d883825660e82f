"""What must hold of a deployment when everything is processed."""

from __future__ import annotations

from tests.conformance.changes import told_by, verdicts_by
from tests.conformance.drivers import Live
from tests.deployments import Deployment, oracle, oracle_digest


def holds(live: Deployment, lines: list[bytes]) -> None:
    """Every law at once: digest, changes that start from what was told before, and end at what is believed."""
    live.settled()
    assert live.digest() == oracle_digest(lines), live.told()
    assert told_by(Live.of(live).changes()) == verdicts_by(oracle(lines))
