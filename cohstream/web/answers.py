"""What the intake answers: one answer a record, or why the request as a whole was refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, Field

from cohstream.errors import CohstreamError


class RecordAnswer(BaseModel):
    """What became of one record."""

    position: int = Field(ge=1, description="Which record of the request, from 1 on.")
    outcome: Literal["accepted", "duplicate", "rejected"] = Field(
        description="Accepted and duplicate ones are kept durably. In front of Kafka only workers know duplicates."
    )
    source: str | None = Field(None, description="Whose report it is; null where the record could not be read.")
    report_id: str | None = None
    code: str | None = Field(None, description="Why it was rejected: a stable word.")
    problem: str | None = Field(None, description="What was wrong, where, and what to do.")


class Answer(BaseModel):
    """What became of the records of a request, in their order."""

    accepted: int = Field(ge=0)
    duplicate: int = Field(ge=0)
    rejected: int = Field(ge=0)
    results: list[RecordAnswer]


class Refusal(BaseModel):
    """Why a request was refused as a whole. Nothing of it was taken, unless the status is 503: then perhaps."""

    code: str = Field(description="A stable word.")
    problem: str = Field(description="What was wrong and what to do.")


class RefusedError(CohstreamError):
    """A request is refused as a whole."""

    def __init__(self, status: int, code: str, problem: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem)
        self.status = status
        self.refusal = Refusal(code=code, problem=problem)
        self.headers = dict(headers or {})
