"""Free text to the set of actors that it may mean; unknown rather than a guess."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from cohstream.knowledge.actor_file import ActorFile
from cohstream.knowledge.wording import Hit, PhraseTable, Word, one_meaning_each, words_of

MAX_UNKNOWN_WORDS = 6
"""A text with one name and more unknown words than this is prose about that name, not a name."""

PATRON_LINKS = frozenset({"by", "to", "with"})
"""After "backed", "linked" ...: the name before is the actor, the name after its patron."""


class Resolved(NamedTuple):
    """Actor ids, sorted (empty = unknown), and what an operator should know of how they came about."""

    ids: tuple[str, ...]
    notices: tuple[str, ...]


NO_TEXT = Resolved((), ())


class Label(NamedTuple):
    """What a phrase means: a set of actors (empty: unknown), a country as well, only at the head of a name."""

    ids: tuple[str, ...]
    country: bool = False
    leading: bool = False


class NameResolver:
    """Finds known names by longest phrase and weighs the words around them; pure.

    * no known phrase: unknown, notice ``unknown_actor:<text>``
    * only labels that mean anybody ("militants", "air strikes"): unknown, notice ``umbrella_name:<text>``
    * a denial, a dispute, somebody's word about somebody, sides not joined by "and", "or" ..., a known name beside
      an unknown one: unknown, notice ``actor_text_unclear:<text>``
    * else the union of what the phrases mean. A label before a name that it includes ("rebel group Ahrar al-Sham")
      is narrowed to it.
    """

    def __init__(self, file: ActorFile, file_name: str) -> None:
        self._words = file.words
        phrases: list[tuple[str, Label]] = []
        for actor in file.actors:
            own = (actor.id,)
            if actor.kind != "umbrella":
                phrases += [(name, Label(own)) for name in (actor.id, actor.name, *actor.aliases)]
                phrases += [(name, Label(own, country=True)) for name in actor.countries]
        for label in file.labels:
            phrases += [(name, Label(file.meant_by(label), leading=label.leading)) for name in label.phrases]
        capitals = {name: Label((actor.id,)) for actor in file.actors for name in actor.capitals}
        self._table = PhraseTable(one_meaning_each(phrases, file_name), capitals)

    def resolve(self, text: str | None) -> Resolved:
        words = words_of(text) if text else []
        if not words or text is None:
            return NO_TEXT
        hits = self._table.find(words)
        named = [hit for hit in hits if hit.meaning.ids and not self._is_passed_over(words, hit)]
        anybody = [hit for hit in hits if not hit.meaning.ids]
        others = [word for at, word in enumerate(words) if not any(hit.start <= at < hit.end for hit in hits)]
        if not named and all(self._is_plain(word) for word in others) and len(anybody) == len(hits):
            return Resolved((), (f"umbrella_name:{text}",))
        if not hits and not any(word.text in self._words.unclear for word in others):
            return Resolved((), (f"unknown_actor:{text}",))
        if not named and anybody and not any(word.text in self._words.unclear for word in others):
            return Resolved((), (f"umbrella_name:{text}",))
        ids = self._agreed(words, named, anybody, others)
        return Resolved(ids, ()) if ids else Resolved((), (f"actor_text_unclear:{text}",))

    def _agreed(
        self, words: list[Word], named: list[Hit[Label]], anybody: list[Hit[Label]], others: list[Word]
    ) -> tuple[str, ...]:
        """The union of what is named; ``()`` if the words around the names leave it unclear."""
        unknown = [word for word in others if not self._is_plain(word)]
        if not named or len(unknown) > MAX_UNKNOWN_WORDS or any(word.text in self._words.unclear for word in others):
            return ()
        if any(self._is_apart(words, one, named) for one in anybody):
            return ()
        described = {word for one in anybody for word in words[one.start : one.end]}
        meant = set(named[0].meaning.ids)
        for before, after in pairwise(named):
            between = words[before.end : after.start]
            if not all(self._is_plain(word) or word in described for word in between):
                return ()
            names, more = set(before.meaning.ids), set(after.meaning.ids)
            if after.joined or any(word.text in self._words.joining for word in between):
                meant |= more
            elif more <= names:
                meant = (meant - names) | more
            elif not names <= more:
                return ()
        return tuple(sorted(meant))

    def _is_passed_over(self, words: list[Word], hit: Hit[Label]) -> bool:
        """Whether a name stands here for a place, a patron, a victim or a holder of ground, not for who acts."""
        lists = self._words
        before = words[hit.start - 1].text if hit.start else ""
        before_that = words[hit.start - 2].text if hit.start > 1 else ""
        after = words[hit.end].text if hit.end < len(words) else ""
        after_that = words[hit.end + 1].text if hit.end + 1 < len(words) else ""
        if hit.meaning.leading and before and before not in lists.joining:
            return True
        if hit.meaning.country and before in lists.locating:
            return True
        if before in lists.about_before or (before in PATRON_LINKS and before_that in lists.about_after):
            return True
        return after in lists.about_after and after_that not in PATRON_LINKS

    def _is_plain(self, word: Word) -> bool:
        return word.text in self._words.plain or word.text in self._words.joining or word.text.isdigit()

    def _is_apart(self, words: list[Word], one: Hit[Label], named: list[Hit[Label]]) -> bool:
        """Whether an unknown one stands beside the names ("ISIL or militants"), describing none ("ISIL militants")."""
        return not any(
            all(
                self._is_plain(word) and word.text not in self._words.joining
                for word in words[min(one.end, name.end) : max(one.start, name.start)]
            )
            for name in named
        )
