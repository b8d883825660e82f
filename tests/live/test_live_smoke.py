from collections.abc import Callable
from pathlib import Path

from tests.deployments import Deployment, oracle_digest

SAMPLE = Path("cohstream/samples/coh2016.jsonl").read_bytes().splitlines()


def test_the_sample_gives_the_digest_of_an_in_memory_run(deploy: Callable[..., Deployment]) -> None:
    live = deploy()
    worker = live.worker()
    live.ready(worker)
    live.feed(SAMPLE)
    live.settled()
    assert live.digest() == oracle_digest(SAMPLE)
    assert worker.stop() == 0
