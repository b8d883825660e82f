"""The arithmetic of a published total, checked and never mended."""

from __future__ import annotations

from cohstream.domain.report import StatedCount

DOES_NOT_ADD_UP = "total_does_not_add_up"


def notices_of_total(count: StatedCount) -> tuple[str, ...]:
    """A notice if the published parts do not add up to the published total; without parts there is nothing to check.

    A total of "at least" may be less than its parts, never more. One of "at least 0" says nothing: nobody made a sum.
    """
    least, most = count.total.min, count.total.max
    if not count.breakdown or (least == 0 and most is None):
        return ()
    parts = sum(count.breakdown.values())
    if least <= parts and (most is None or parts <= most):
        return ()
    said = f"at least {least:,}" if most is None else f"{least:,}" if least == most else f"{least:,} to {most:,}"
    return (f"{DOES_NOT_ADD_UP}:{said} said, parts {parts:,}",)
