"""docs/live.md tells of every setting and topic, with its default and key facts."""

from pathlib import Path

import pytest

from cohstream.live import topics
from cohstream.live.settings import LiveSettings

GUIDE = Path("docs/live.md").read_text("utf-8")
ROWS = [line for line in GUIDE.splitlines() if line.startswith("| `")]
SETTINGS = [name for name in LiveSettings.model_fields if name != "config"]
DEFAULTS = {
    name: field.default
    for name, field in LiveSettings.model_fields.items()
    if isinstance(field.default, int | float | str) and not isinstance(field.default, bool) and field.default != ""
}


def row_of(name: str) -> str:
    return next((row for row in ROWS if f"`{name.upper()}`" in row.split(" | ")[0]), "")


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_has_a_row(name: str) -> None:
    assert row_of(name)


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_row_says_the_default(name: str) -> None:
    default = DEFAULTS[name]
    shown = f"{default:g}" if isinstance(default, float) else str(default)
    assert shown in row_of(name).split(" | ")[1].replace("`", "").split(", ")


@pytest.mark.parametrize("noun", [*topics.SETTINGS, topics.RULESET])
def test_every_topic_has_a_row(noun: str) -> None:
    assert any(f"`{LiveSettings().topic(noun)}`" in row for row in ROWS)
