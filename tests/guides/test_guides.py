"""Each guide is followed literally, in a copy of what git knows, on a real Kafka and a real Prometheus."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.guides.terminal import ADDRESS, clone, follow, terminal_in
from tools.kafka import Cluster, free_port

REPOSITORY = Path(__file__).parent.parent.parent
BROKERS = "127.0.0.1:9092"
PREFIX = "cohstream-try"

Follow = Callable[..., None]


@pytest.fixture
def follow_guide(tmp_path: Path) -> Follow:
    """Follow a guide in a fresh copy, at free ports; on ``cluster`` under a prefix of its own."""

    def of(name: str, cluster: Cluster | None = None, needs: tuple[str, ...] = ()) -> None:
        for program in ("bash", "pkill", "curl", *needs):
            if shutil.which(program) is None:
                pytest.skip(f"no {program} on this machine; on Debian: apt-get install prometheus curl jq procps")
        guide = (REPOSITORY / "docs" / name).read_text("utf-8")
        places = {address: f"127.0.0.1:{free_port()}" for address in sorted(set(ADDRESS.findall(guide)))}
        if cluster is not None:
            places |= {BROKERS: cluster.brokers, PREFIX: f"guide-{free_port()}"}
        clone(REPOSITORY, tmp_path)
        with terminal_in(tmp_path, places) as terminal:
            follow(guide, terminal)

    return of


@pytest.mark.prometheus
@pytest.mark.timeout(300)
def test_for_monitors(follow_guide: Follow) -> None:
    follow_guide("for-monitors.md", needs=("prometheus", "promtool", "jq"))


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
@pytest.mark.timeout(300)
def test_for_subscribers(follow_guide: Follow, cluster: Cluster) -> None:
    follow_guide("for-subscribers.md", cluster, needs=("jq",))


@pytest.mark.kafka
@pytest.mark.prometheus
@pytest.mark.xdist_group("kafka")
@pytest.mark.timeout(300)
def test_for_operators(follow_guide: Follow, cluster: Cluster) -> None:
    follow_guide("for-operators.md", cluster, needs=("prometheus", "promtool", "jq"))


@pytest.mark.timeout(300)
def test_two_times(follow_guide: Follow) -> None:
    follow_guide("two-times.md", needs=("jq",))
