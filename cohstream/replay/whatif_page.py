"""A comparison of two texts as one HTML page, complete in itself: no script, no request, charts as inline SVG.

Every chart is followed by a table of the same figures, so that nothing hangs on colour or sight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from cohstream.law.stack import Gap
from cohstream.replay.page import page, table
from cohstream.replay.whatif import GROUPS, Comparison, Effect, Mode, class_of

BAR, ROW, LABELS, WIDTH, ROOM = 9, 34, 270, 800, 44
"""Heights, and widths of the chart, of its labels and of the figure behind a bar, in units of its view box."""

TITLES = {Mode.ALONE: "Each text alone", Mode.WITH_PARENTS: "Each text on top of its parents"}
SERIES = (("newly", "Newly prohibited"), ("nolonger", "No longer prohibited"), ("gap", "No clause in B"))

LEGEND = (
    "Counts are incidents, assessed under each text's terms from what sources allege. Newly prohibited: a violation of "
    "B and not of A; no longer: the reverse. No clause: harmful, but no clause of the text speaks of it."
)

EFFECTS = (
    "incidents",
    "violations of A",
    "violations of B",
    "newly prohibited",
    "no longer prohibited",
    "otherwise different",
    "no clause in A",
    "no clause in B",
    "nobody bound by B",
    "never regulated",
)
"""The figures of an effect, as a table heads them."""


class Bars(NamedTuple):
    """One row of a chart: its label, and a figure for each of :data:`SERIES`."""

    label: str
    figures: tuple[int, ...]


def whatif_page(comparisons: Sequence[Comparison], titles: Mapping[str, str]) -> str:
    """The page of ``comparisons``, of which there is at least one; ``titles`` are those of the texts, by id."""
    first = comparisons[0]
    title = f"{first.a.name} and {first.b.name}"
    names = dict.fromkeys((*first.a.stack.names, *first.b.stack.names))
    texts = "".join(f"<li><b>{escape(name)}</b> {escape(titles[name])}</li>" for name in names)
    sections = "".join(_section(number, one) for number, one in enumerate(comparisons, start=1))
    heading = f"<h1>The same reports under two texts: {escape(title)}</h1>"
    return page(f"What if: {title}", f'{heading}<ul>{texts}</ul><p class="second">{LEGEND}</p>{sections}')


def _section(number: int, found: Comparison) -> str:
    heading = f"s{number}"
    a, b = escape(found.a.label), escape(found.b.label)
    charts = "".join(
        f"<h3>By {name}</h3>{_chart(f'{heading}-{name}', f'Changes by {name}', found.by(group))}"
        f"{_effects(f'{heading}: by {name}', name, found.by(group))}"
        for name, group in GROUPS.items()
    )
    return (
        f'<section aria-labelledby="{heading}"><h2 id="{heading}">{TITLES[found.mode]}</h2>'
        f"<p>A: <b>{a}</b>, policy {found.a.policy}. B: <b>{b}</b>, policy {found.b.policy}.</p>"
        f'<p class="headline">{escape(found.headline)}</p>{_notes(found)}{charts}'
        f"<h3>What B leaves unregulated</h3>{_gaps(found)}"
        f"<h3>Verdicts under A and B</h3>{_matrix(found)}</section>"
    )


def _notes(found: Comparison) -> str:
    notes = []
    for late, side in ((found.total.out_of_time_a, found.a), (found.total.out_of_time_b, found.b)):
        if late:
            notes.append(f"{late:,} incidents lie before or after the time of {side.label}.")
    if found.b.stack.timeless and found.mode is Mode.ALONE:
        notes.append(f"{found.b.name} has no validity of its own: it is read as if it always held.")
    return "".join(f"<p>{escape(note)}</p>" for note in notes)


def _chart(chart_id: str, title: str, effects: Mapping[str, Effect]) -> str:
    """Horizontal bars, three a row; a row in which nothing changes has only its label."""
    rows = [
        Bars(label, (one.newly_prohibited, one.no_longer_prohibited, one.no_clause_b)) for label, one in effects.items()
    ]
    most = max((figure for row in rows for figure in row.figures), default=0)
    if not most:
        return "<p>Nothing changes, and nothing is left unregulated.</p>"
    scale = (WIDTH - LABELS - ROOM) / most
    drawn = []
    for place, row in enumerate(rows):
        top = place * ROW
        drawn.append(f'<text x="{LABELS - 8}" y="{top + ROW / 2 + 2}" text-anchor="end">{escape(row.label)}</text>')
        for at, ((kind, _), figure) in enumerate(zip(SERIES, row.figures, strict=True)):
            if not figure:
                continue
            y, width = top + 2 + at * (BAR + 1), max(2.0, figure * scale)
            drawn.append(f'<rect class="{kind}" x="{LABELS}" y="{y}" width="{width:.1f}" height="{BAR}"/>')
            drawn.append(f'<text class="figure" x="{LABELS + width + 4:.1f}" y="{y + BAR - 1}">{figure:,}</text>')
    height = len(rows) * ROW
    return (
        f'{_LEGEND}<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{chart_id}">'
        f'<title id="{chart_id}">{escape(title)}; the table below has the figures</title>{"".join(drawn)}</svg>'
    )


_LEGEND = (
    '<ul class="legend">' + "".join(f'<li class="{kind}">{escape(label)}</li>' for kind, label in SERIES) + "</ul>"
)


def _effects(caption: str, name: str, effects: Mapping[str, Effect]) -> str:
    return table(
        caption,
        (name, *EFFECTS),
        (
            (
                label,
                one.incidents,
                one.violations_a,
                one.violations_b,
                one.newly_prohibited,
                one.no_longer_prohibited,
                one.otherwise,
                one.no_clause_a,
                one.no_clause_b,
                one.not_bound_b,
                one.never_regulated,
            )
            for label, one in effects.items()
        ),
    )


def _gaps(found: Comparison) -> str:
    rows = [
        (class_of(weapon), weapon, party, gaps[Gap.NO_CLAUSE], gaps[Gap.NOT_BOUND])
        for (weapon, party), gaps in found.gaps(of_b=True).items()
    ]
    head = ("class", "weapon", "party", "no clause speaks of it", "nobody bound")
    return table(f"{found.b.label}: unregulated by weapon and party", head, rows) if rows else "<p>Nothing.</p>"


def _matrix(found: Comparison) -> str:
    rows = [(a, b, count) for (a, b), count in found.matrix().items()]
    return table(f"{found.mode}: verdicts", ("under A", "under B", "incidents"), rows)
