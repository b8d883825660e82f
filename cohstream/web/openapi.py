"""What the OpenAPI document of the intake says beyond what the models do."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from cohstream import __version__
from cohstream.domain.report import Report
from cohstream.web.answers import Answer, Refusal
from cohstream.web.body import JSON, MAX_BODY_BYTES, MAX_RECORDS, NDJSON

REFERENCE = "#/components/schemas/{model}"
WAIT = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}

DESCRIBED: dict[str, Any] = {
    "title": "cohstream: intake of reports",
    "version": __version__,
    "description": (
        "Reports of violations in. A report is known by its source and id: posting it again changes nothing, so a "
        "request without an answer is simply sent again."
    ),
}

OPERATION: dict[str, Any] = {
    "operation_id": "postReports",
    "summary": "Post one report, an array of reports, or a report a line.",
    "description": (
        "Every record is answered, in order. Those accepted are durable when the answer comes; rejected ones are kept "
        "as dead letters with their bytes, except those of a source that the key may not speak for. The body may be "
        "gzip, as Content-Encoding says."
    ),
    "response_model": None,
    "response_description": "At least one record was accepted, or was known already.",
    "responses": {
        200: {"model": Answer},
        400: {"model": Refusal, "description": "The body breaks off, is no gzip, or holds no record."},
        401: {"model": Refusal, "description": "An API key is missing or unknown."},
        403: {"model": Answer, "description": "The key may speak for none of the sources."},
        408: {"model": Refusal, "description": "The body took too long to arrive."},
        413: {
            "model": Refusal,
            "description": f"More than {MAX_BODY_BYTES:,} bytes, unpacked, or {MAX_RECORDS:,} records.",
        },
        415: {"model": Refusal, "description": "A content type or coding that is not taken."},
        421: {"model": Refusal, "description": "Without API keys the server answers on its own machine only."},
        422: {"model": Answer, "description": "Every record was rejected."},
        429: {"model": Refusal, "headers": WAIT, "description": "Too many requests with this key at once."},
        503: {"model": Refusal, "headers": WAIT, "description": "The records could not be kept now: send them again."},
    },
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": {
                        "anyOf": [
                            {"$ref": "#/components/schemas/Report"},
                            {
                                "type": "array",
                                "items": {"$ref": "#/components/schemas/Report"},
                                "minItems": 1,
                                "maxItems": MAX_RECORDS,
                            },
                        ]
                    }
                },
                NDJSON: {"schema": {"type": "string", "description": "A report a line, as JSON, in UTF-8."}},
            },
        },
        "security": [{"bearer": []}, {"key": []}],
    },
}

SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The API key of the source."},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same, by another header."},
}


def describe(app: FastAPI) -> None:
    """Let the document of ``app`` have the report as its model says it, and how keys are sent."""
    plain = app.openapi

    def whole() -> dict[str, Any]:
        document = plain()
        components = document.setdefault("components", {})
        report = Report.model_json_schema(ref_template=REFERENCE)
        components.setdefault("schemas", {}).update({**report.pop("$defs", {}), "Report": report})
        components["securitySchemes"] = SECURITY
        return document

    app.openapi = whole  # type: ignore[method-assign]
