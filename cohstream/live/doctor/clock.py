"""Whether clocks agree: windows of receipt and alerts on silence are of no use where they do not."""

from __future__ import annotations

import time
from collections.abc import Mapping

from aiokafka.structs import ConsumerRecord

from cohstream.live.doctor.check import Check, ok, warn

TOLERATED_SECONDS = 5.0
REMEDY = "set the clocks of both machines by NTP (chrony, systemd-timesyncd)"


def check_clock(latest: Mapping[str, list[ConsumerRecord]], ahead: Mapping[str, float]) -> list[Check]:
    """Compare our clock with timestamps of the latest records, and with what endpoints say (``ahead``, in seconds).

    A record that is old says nothing of clocks; one from the future does.
    """
    stamped = [record for records in latest.values() for record in records]
    checks, compared = [], []
    if stamped:
        last = max(stamped, key=lambda record: record.timestamp)
        seconds = last.timestamp / 1000 - time.time()
        if seconds > TOLERATED_SECONDS:
            found = f"a record of {last.topic} is stamped {seconds:,.0f} s ahead of our clock"
            checks.append(warn("clock", found, f"{REMEDY}: ours, and that of whoever wrote it"))
        compared.append(f"no record of the latest {len(stamped):,} is from the future")
    for url, seconds in ahead.items():
        if abs(seconds) > TOLERATED_SECONDS:
            found = f"{url} is {abs(seconds):,.0f} s {'ahead of' if seconds > 0 else 'behind'} our clock"
            checks.append(warn("clock", found, REMEDY))
        compared.append(f"{url} agrees (by its Date header)")
    if checks:
        return checks
    return [ok("clock", "; ".join(compared) or "nothing to compare with: no records, and no endpoint that answers")]
