"""docs/http-intake.md says what the intake does: statuses, limits, codes."""

import re
from pathlib import Path

import pytest

from cohstream.live.report_writer import ANSWER_SECONDS
from cohstream.web import admission, body
from cohstream.web.openapi import OPERATION

GUIDE = Path("docs/http-intake.md").read_text("utf-8")


def test_every_status_of_the_openapi_document_has_a_row_and_no_other() -> None:
    rows = re.findall(r"^\| (\d{3}) \|", GUIDE, re.MULTILINE)
    assert [int(row) for row in rows] == list(OPERATION["responses"])


@pytest.mark.parametrize(
    "limit",
    [
        f"more than {body.MAX_BODY_BYTES >> 20} MiB unpacked, or more than {body.MAX_RECORDS:,} records",
        f"longer than {body.BODY_SECONDS:.0f} s",
        f"more than {admission.MAX_OF_ONE_KEY} requests with this key",
        f"more than {admission.MAX_REQUESTS} requests at once",
        f"with 503 after {ANSWER_SECONDS:.0f} s",
    ],
)
def test_every_limit_is_told(limit: str) -> None:
    assert limit in GUIDE
