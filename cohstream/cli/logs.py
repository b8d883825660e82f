"""What a long-running command logs on standard error: lines of JSON for machines, text on a terminal."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

from cohstream.errors import CohstreamError

Form = Literal["auto", "json", "text"]

OURS = "cohstream.worker"
"""The logger of what a worker has to say; Faust's services log under the names of our modules too."""

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; anything beyond is a field that the caller gave by ``extra``."""

ONLY_WAITING = ("Group Coordinator Request failed: %s",)
"""Errors in aiokafka's words that say no more than that a broker is not done with its own start."""


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the fields given by ``extra``."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        given = {name: value for name, value in vars(record).items() if name not in STANDARD and name not in line}
        return json.dumps(line | given, default=str)


class Text(logging.Formatter):
    """Our own messages as every command words them; others with time, level and logger."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == OURS and not record.exc_info:
            return f"cohstream: {record.getMessage()}"
        return super().format(record)


def start_logs(form: Form = "auto") -> None:
    """Log to standard error, ``auto`` meaning text on a terminal, else JSON. May be called again."""
    as_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(Text("%(asctime)s %(levelname)s %(name)s: %(message)s") if as_text else JsonLines())
    handler.addFilter(_worth_telling)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(OURS).setLevel(logging.INFO)


def _worth_telling(record: logging.LogRecord) -> bool:
    """Not what only says wait, nor the traceback of an error that the command itself tells at its end."""
    if record.msg in ONLY_WAITING:
        return False
    return not (record.exc_info and isinstance(record.exc_info[1], CohstreamError))
