"""Topics are declared, never created by asking for them.

aiokafka lets a broker create every topic that a client names, and brokers do so by default: a misspelt prefix would
get topics with the broker's own partitions and retention, in which nothing is kept for ever. Importing this module
turns that off for all clients of the process, Faust's included.
"""

from __future__ import annotations

from typing import Any

import aiokafka.client
from aiokafka.protocol.metadata import MetadataRequest


class AskingOnly(MetadataRequest):  # type: ignore[misc]
    """A question about topics that creates none."""

    def __init__(self, topics: list[str] | None = None, *_: Any, **__: Any) -> None:
        super().__init__(topics, allow_auto_topic_creation=False)


aiokafka.client.MetadataRequest = AskingOnly
