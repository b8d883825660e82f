"""What a long-running command logs on standard error: lines of JSON for machines, text on a terminal."""

from __future__ import annotations

import json
import logging
import sys
from asyncio import CancelledError
from datetime import UTC, datetime
from typing import Literal

from cohstream.errors import CohstreamError

Form = Literal["auto", "json", "text"]

OURS = "cohstream.worker"
"""The logger of what a worker has to say; Faust's services log under the names of our modules too."""
SERVE = "cohstream.serve"
"""The logger of what ``cohstream serve`` has to say."""

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; anything beyond is a field that the caller gave by ``extra``."""

NOTHING_NEW = (
    "Group Coordinator Request failed: %s",
    "We experienced a crash! Reraising original exception...",
)
"""Errors in the words of aiokafka and Faust that only say wait, or that something else says what is wrong."""


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
        if record.name in (OURS, SERVE) and not record.exc_info:
            return f"cohstream: {record.getMessage()}"
        return super().format(record)


def start_logs(form: Form = "auto") -> None:
    """Log to standard error, ``auto`` meaning text on a terminal, else JSON. May be called again."""
    as_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(Text("%(asctime)s %(levelname)s %(name)s: %(message)s") if as_text else JsonLines())
    handler.addFilter(_worth_telling)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in (OURS, SERVE):
        logging.getLogger(name).setLevel(logging.INFO)


def _worth_telling(record: logging.LogRecord) -> bool:
    """Not what has nothing new, nor the crash of one part after another for a fault that is told at the end."""
    if str(record.msg).endswith(NOTHING_NEW):
        return False
    crash = str(record.msg).endswith("Crashed reason=%r")
    told = CohstreamError | CancelledError if crash else CohstreamError
    about = [*(record.args if isinstance(record.args, tuple) else ()), (record.exc_info or (None, None))[1]]
    return not any(isinstance(one, told) for one in about)
