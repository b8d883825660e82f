"""A page that is complete in itself: no script, no request, its style inside; and a table on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from string import Template


def page(title: str, main: str) -> str:
    """The page called ``title`` whose content is ``main``, which is HTML."""
    template = Template(files("cohstream.replay").joinpath("page.html").read_text("utf-8"))
    return template.substitute(title=escape(title), main=main)


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    """A table that scrolls by itself; numbers stand to the right."""
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="number">{one:,}</td>' if isinstance(one, int) else f"<td>{escape(one)}</td>" for one in row
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"
    )
