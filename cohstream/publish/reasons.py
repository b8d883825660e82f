"""What verdicts, reason codes, flags and coverage policies mean, in plain sentences for readers.

The codes are those of the domain reference §3.2 and §3.4; the texts are in ``wording.json``. They say
what was found, never who is guilty.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

Texts = Mapping[str, Mapping[str, str]]
"""By code: a short ``label`` and one ``sentence``."""


class Wording(NamedTuple):
    """The texts of every code that an assessment may carry."""

    verdicts: Texts
    policies: Texts
    reasons: Texts
    flags: Texts


@cache
def wording() -> Wording:
    """The shipped texts."""
    return Wording(**json.loads(files("cohstream.publish").joinpath("wording.json").read_text("utf-8")))
