"""Maturity as one HTML page, complete in itself; the chart is followed by a table of the same figures."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from html import escape

from cohstream.replay.maturity import ANY, Maturity
from cohstream.replay.page import page, table

BAR, ROW, LABELS, WIDTH, ROOM = 16, 24, 150, 800, 60
"""Heights, and widths of the chart, of its labels and of the figure behind a bar, in units of its view box."""

LEGEND = (
    "Counts are incidents assessed as violations under the agreement's default policy, from what sources allege, to "
    "what is possible: with contested and undetermined ones. They are as known at the end of the day that many days "
    "after the event day. A share may exceed 100 %: more was counted then than now. Event days too young for a column "
    "are left out of its share, and have no figure in it."
)


SHARES = ("days after", "event days", "violations then", "now", "share", "possible then", "now", "share")


def maturity_page(found: Iterable[Maturity], reading: str, party: str = ANY, days: Collection[date] = ()) -> str:
    """The page of ``found``, a section for each agreement, for ``party``; of ``days`` alone if any are named.

    ``reading`` says as of when it is.
    """
    sections = "".join(_section(one, party, days) for one in found)
    intro = f'<p class="second">{LEGEND} {escape(reading)}</p>'
    return page("How counts mature", f"<h1>How counts mature</h1>{intro}{sections}")


def _section(found: Maturity, party: str, days: Collection[date]) -> str:
    name = escape(found.agreement)
    whose = "all parties" if party == ANY else f"party {escape(party)}"
    undated = f"<p>{found.undated:,} violations cannot be dated to one day.</p>" if found.undated else ""
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{name}, policy {found.policy}, {whose}</h2>'
        f'<p class="headline">{escape(found.headline(party))}</p>'
        f"<p>The last day of receipt is {found.last}.</p>{undated}"
        f"<h3>Share of what is counted now, by days after the event</h3>{_chart(found, party)}{_shares(found, party)}"
        f"<h3>By event day</h3>{_days(found, party, days)}</section>"
    )


def _chart(found: Maturity, party: str) -> str:
    shares = [(lag, found.share(party, lag).percent) for lag in found.lags]
    most = max((percent for _, percent in shares if percent is not None), default=0.0)
    if not most:
        return "<p>Nothing is counted.</p>"
    drawn = []
    for place, (lag, percent) in enumerate(shares):
        top, length = place * ROW, (WIDTH - LABELS - ROOM) * (percent or 0.0) / most
        drawn.append(f'<text x="{LABELS - 8}" y="{top + BAR - 3}" text-anchor="end">{lag} days after</text>')
        drawn.append(f'<rect class="share" x="{LABELS}" y="{top}" width="{length:.1f}" height="{BAR}"/>')
        drawn.append(f'<text x="{LABELS + length + 6:.1f}" y="{top + BAR - 3}">{percent_of(percent)}</text>')
    title = f"{found.agreement}-share"
    return (
        f'<svg viewBox="0 0 {WIDTH} {len(shares) * ROW}" role="img" aria-labelledby="{escape(title)}">'
        f'<title id="{escape(title)}">Share by days after the event; the table below has the figures</title>'
        f"{''.join(drawn)}</svg>"
    )


def _shares(found: Maturity, party: str) -> str:
    return table("Share by days after the event", SHARES, share_rows(found, party))


def _days(found: Maturity, party: str, days: Collection[date]) -> str:
    head = ("event day", *(f"after {lag}" for lag in found.lags), "now")
    return table("Counts by event day", head, (row for row in day_rows(found, party, days)))


def share_rows(found: Maturity, party: str) -> list[tuple[str, ...]]:
    """For each lag the figures that :data:`SHARES` names."""
    rows: list[tuple[str, ...]] = []
    for lag in found.lags:
        one = found.share(party, lag)
        proven = (f"{one.then.least:,}", f"{one.now.least:,}", percent_of(one.percent))
        possible = (f"{one.then.greatest:,}", f"{one.now.greatest:,}", percent_of(one.possible_percent))
        rows.append((str(lag), f"{one.days:,}", *proven, *possible))
    return rows


def percent_of(share: float | None) -> str:
    return "-" if share is None else f"{share:.0f} %"


def day_rows(found: Maturity, party: str, days: Collection[date] = ()) -> list[tuple[str, ...]]:
    """For each event day its count after each lag, empty while it is too young for that, and the count now."""
    rows = []
    for day, curve in found.curves.get(party, {}).items():
        if not days or day in days:
            counts = (found.after(party, day, lag) for lag in found.lags)
            rows.append((day.isoformat(), *("" if one is None else str(one) for one in counts), str(curve.now)))
    return rows
