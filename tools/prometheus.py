"""A real Prometheus for tests: on a free port, with targets and rules of one's own, over a data directory.

The programs ``prometheus`` and ``promtool`` are Debian's package ``prometheus``.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from tools.kafka import free_port

START_SECONDS = 30.0
Labels = Mapping[str, str]


class PrometheusUnavailableError(Exception):
    """Prometheus cannot be started here; the message says why and what to do."""


class PrometheusRefusedError(Exception):
    """Prometheus answered a query with an error; the message has the query."""


class Series(NamedTuple):
    """One series of an answer: its labels, and Unix time and value of each sample."""

    labels: Labels
    samples: Sequence[tuple[float, float]]

    @property
    def value(self) -> float:
        """The latest value."""
        return self.samples[-1][1]

    @property
    def known(self) -> bool:
        """Whether any sample is a number."""
        return not all(isnan(value) for _, value in self.samples)


@dataclass
class Prometheus:
    """A running Prometheus, and what it answers."""

    port: int
    directory: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def query(self, expr: str, at: float | None = None) -> list[Series]:
        """The instant vector or scalar that ``expr`` gives, now or at Unix time ``at``."""
        found = self._ask("query", query=expr, **({} if at is None else {"time": str(at)}))
        if found["resultType"] == "scalar":
            return [Series({}, [_sample(found["result"])])]
        return [Series(one["metric"], [_sample(one["value"])]) for one in found["result"]]

    def query_range(self, expr: str, start: float, end: float, step: float) -> list[Series]:
        """What ``expr`` gives from ``start`` to ``end`` (Unix time), every ``step`` seconds."""
        found = self._ask("query_range", query=expr, start=str(start), end=str(end), step=str(step))
        return [Series(one["metric"], [_sample(each) for each in one["values"]]) for one in found["result"]]

    def series(self, selector: str) -> list[Labels]:
        """The labels of every series that ``selector`` matches, at any time."""
        found: list[Labels] = self._ask("series", **{"match[]": selector})
        return found

    def rules(self) -> list[dict[str, Any]]:
        """The rules as Prometheus has loaded them, with ``health`` and ``lastError`` of their last evaluation."""
        return [rule for group in self._ask("rules")["groups"] for rule in group["rules"]]

    def said(self) -> str:
        return (self.directory / "prometheus.log").read_text("utf-8", "replace")

    def _ask(self, what: str, **parameters: str) -> Any:
        try:
            with urlopen(f"{self.url}/api/v1/{what}?{urlencode(parameters)}", timeout=30) as answer:
                return json.load(answer)["data"]
        except HTTPError as error:
            told = json.load(error).get("error", "")
            raise PrometheusRefusedError(f"{told}\nin {what} {parameters}") from None


def _sample(pair: Sequence[Any]) -> tuple[float, float]:
    instant, value = pair
    return float(instant), float(value)


def program(name: str) -> str:
    """The path of ``prometheus`` or ``promtool``. Raises :class:`PrometheusUnavailableError`."""
    found = shutil.which(name)
    if found is None:
        raise PrometheusUnavailableError(
            f"{name} is not installed; install Debian's package prometheus: apt-get install --no-install-recommends "
            "prometheus (with RUNLEVEL=1 set it starts no service)"
        )
    return found


@contextmanager
def prometheus(
    targets: Mapping[str, Sequence[str]] | None = None,
    rules: Sequence[Path] = (),
    data: Path | None = None,
    every: str = "1s",
    retention: str = "100y",
) -> Iterator[Prometheus]:
    """A running Prometheus that scrapes and evaluates ``every`` so often; it is gone at the end.

    ``targets`` has HOST:PORT by job, ``rules`` are rule files. ``data`` is an existing data directory (as made by
    ``promtool tsdb create-blocks-from``), which stays; else there is one of its own, which goes. Raises
    :class:`PrometheusUnavailableError`.
    """
    path = program("prometheus")
    directory = Path(tempfile.mkdtemp(prefix="cohstream-prometheus-"))
    try:
        settings = directory / "prometheus.yml"
        settings.write_text(yaml.safe_dump(_settings(targets or {}, rules, every)))
        port = free_port()
        command = [
            path,
            f"--config.file={settings}",
            f"--storage.tsdb.path={data or directory / 'data'}",
            f"--storage.tsdb.retention.time={retention}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn",
        ]
        with (directory / "prometheus.log").open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        running = Prometheus(port, directory, process)
        try:
            _wait_until_ready(running)
            yield running
        finally:
            process.kill()
            process.wait()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _settings(targets: Mapping[str, Sequence[str]], rules: Sequence[Path], every: str) -> dict[str, Any]:
    return {
        "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
        "rule_files": [str(one.absolute()) for one in rules],
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": list(addresses)}]} for job, addresses in targets.items()
        ],
    }


def _wait_until_ready(running: Prometheus) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if running.process.poll() is not None:
            raise PrometheusUnavailableError(f"Prometheus ended at once:\n{running.said()[-2000:]}")
        try:
            with urlopen(f"{running.url}/-/ready", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise PrometheusUnavailableError(f"Prometheus is not ready after {START_SECONDS:.0f} s:\n{running.said()[-2000:]}")
