"""Makes the dashboards' JSON: ``python -m deploy.grafana.generate`` writes deploy/grafana/dashboards/*.json."""

from __future__ import annotations

import json
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.pipeline import pipeline
from deploy.grafana.situation import situation

DIRECTORY = Path(__file__).parent / "dashboards"


def dashboards() -> dict[str, str]:
    """JSON of each dashboard by file name."""
    built = {"situation.json": situation().build(), "pipeline.json": pipeline().build()}
    return {name: _text(dashboard) for name, dashboard in built.items()}


def _text(dashboard: Dashboard) -> str:
    """JSON with panels numbered in order: Grafana's links to a panel go by number, so it may not be left to chance."""
    for number, panel in enumerate(dashboard.panels or (), start=1):
        panel.id_val = number  # type: ignore[union-attr]
    return json.dumps(dashboard, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    DIRECTORY.mkdir(exist_ok=True)
    for name, text in dashboards().items():
        (DIRECTORY / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
