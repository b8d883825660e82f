"""Words for weapons and targets to codes of the vocabulary; what a text does not say stays undetermined."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, model_validator

from cohstream.domain.vocabulary import TARGET_FAMILY, UNDETERMINED_WEAPON, WEAPON_CODES
from cohstream.knowledge.term_choice import Named, code_spellings, common_ancestor, most_protected, plain_code
from cohstream.knowledge.wording import Hit, PhraseTable, Word, key_of, one_meaning_each, words_of
from cohstream.strict_yaml import read_model

FILE = "terms.yaml"
VAGUE = ""
"""The meaning of a phrase that is known and tells no weapon."""


class Term(NamedTuple):
    """A code of the vocabulary, and what an operator should know of how it came about."""

    code: str
    notices: tuple[str, ...]


class TermFile(BaseModel):
    """``data/terms.yaml``: phrases and code spellings by code; the file says what each list does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weapons: dict[str, tuple[str, ...]]
    vague: tuple[str, ...]
    targets: dict[str, tuple[str, ...]]
    weak_targets: dict[str, tuple[str, ...]]
    held: frozenset[str]
    beside: frozenset[str]
    joining: frozenset[str]
    denials_before: frozenset[str]
    denials_after: tuple[str, ...]
    weapon_codes: dict[str, tuple[str, ...]]
    target_codes: dict[str, tuple[str, ...]]

    @model_validator(mode="after")
    def _codes_exist(self) -> TermFile:
        wrong = {code for code in (*self.weapons, *self.weapon_codes) if code not in WEAPON_CODES}
        wrong |= {code for code in (*self.targets, *self.weak_targets, *self.target_codes) if code not in TARGET_FAMILY}
        if wrong:
            raise ValueError(f"not in the vocabulary: {', '.join(sorted(wrong))} | Correct these codes.")
        return self


class Terms:
    """The terms of ``data/terms.yaml``. All answers are pure."""

    def __init__(self, file: TermFile, file_name: str = FILE) -> None:
        weapons = [(phrase, code) for code, phrases in file.weapons.items() for phrase in phrases]
        vague = [(phrase, VAGUE) for phrase in file.vague]
        targets = [(phrase, Named(code, False)) for code, phrases in file.targets.items() for phrase in phrases]
        targets += [(phrase, Named(code, True)) for code, phrases in file.weak_targets.items() for phrase in phrases]
        self._weapons = PhraseTable(one_meaning_each([*weapons, *vague], file_name))
        self._targets = PhraseTable(one_meaning_each(targets, file_name))
        self._lists = file
        self._denied_after = tuple(key_of(phrase).split(" ") for phrase in file.denials_after)
        self._weapon_codes = code_spellings(WEAPON_CODES, file.weapon_codes)
        self._target_codes = code_spellings(TARGET_FAMILY, file.target_codes)

    @classmethod
    def load(cls) -> Self:
        """The terms that ship with the package. Raises :class:`DataError` if their file is damaged."""
        text = files("cohstream.knowledge").joinpath("data", FILE).read_text(encoding="utf-8")
        return cls(read_model(TermFile, text, FILE))

    def weapon(self, text: str | None, code: str | None) -> Term:
        """The weapon code of a report.

        A known ``code`` wins, old spellings included; an unknown one gives ``unknown_weapon_class:<x>`` and the text
        decides. Several weapons in one text give their common ancestor, or ``undetermined_weapon``, with the notice
        ``several_weapons``.
        """
        notices: tuple[str, ...] = ()
        if code:
            known = self._weapon_codes.get(plain_code(code))
            if known is not None:
                return Term(known, ())
            notices = (f"unknown_weapon_class:{code}",)
        words = words_of(text) if text else []
        hits = [hit for hit in self._weapons.find(words) if not self._is_denied(words, hit)]
        told = {hit.meaning for hit in hits if hit.meaning is not VAGUE}
        one_more = (
            {hit.meaning or UNDETERMINED_WEAPON for hit in hits if self._is_joined(words, hit)} if told else set()
        )
        found, several = common_ancestor(told, one_more)
        return Term(found, (*notices, *(("several_weapons",) if several else ())))

    def target(self, text: str | None, code: str | None) -> Term:
        """The target code of a report.

        A known ``code`` wins; an unknown one gives ``unknown_target_class:<x>`` and the text decides. Of several
        targets in one text the protected stands before the civilian; a force beside either is ``undetermined``,
        forces of several kinds are a ``military_position``; all with the notice ``several_targets``.
        """
        notices: tuple[str, ...] = ()
        if code:
            known = self._target_codes.get(plain_code(code))
            if known is not None:
                return Term(known, ())
            notices = (f"unknown_target_class:{code}",)
        words = words_of(text) if text else []
        is_held = any(word.text in self._lists.held for word in words)
        named = [
            hit.meaning._replace(weak=hit.meaning.weak and not self._is_joined_settlement(words, hit))
            for hit in self._targets.find(words)
            if not (self._is_denied(words, hit) or self._is_beside(words, hit) or self._is_holder(words, hit))
            and not (is_held and hit.meaning.weak)
        ]
        found, several = most_protected(named)
        return Term(found, (*notices, *(("several_targets",) if several else ())))

    def _is_denied(self, words: list[Word], hit: Hit[Any]) -> bool:
        if hit.start and words[hit.start - 1].text in self._lists.denials_before:
            return True
        return any(
            [word.text for word in words[hit.end : hit.end + len(after)]] == after for after in self._denied_after
        )

    def _is_joined(self, words: list[Word], hit: Hit[Any]) -> bool:
        neighbours = words[max(0, hit.start - 1) : hit.start] + words[hit.end : hit.end + 1]
        return hit.joined or any(word.text in self._lists.joining for word in neighbours)

    def _is_joined_settlement(self, words: list[Word], hit: Hit[Named]) -> bool:
        """Whether a settlement is one more target ("villages and army positions"), not the place of another."""
        return TARGET_FAMILY[hit.meaning.code] != "force" and self._is_joined(words, hit)

    def _is_beside(self, words: list[Word], hit: Hit[Any]) -> bool:
        """Whether the phrase is a landmark or an agent: "by the church", "next to the hospital"."""
        before = [word.text for word in words[max(0, hit.start - 2) : hit.start]]
        return bool(before) and (before[-1] in self._lists.beside or " ".join(before) in self._lists.beside)

    def _is_holder(self, words: list[Word], hit: Hit[Any]) -> bool:
        """Whether the phrase names no target but who holds it, or an area by its landmark ("shrine area")."""
        after = words[hit.end].text if hit.end < len(words) else ""
        return not hit.meaning.weak and after in self._lists.held
