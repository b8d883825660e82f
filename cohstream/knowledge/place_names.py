"""Keys under which spellings of one place name meet.

Arabic names reach us in Arabic script and in a dozen Latin habits (English, French, Turkish, Russian, the
schemes of map makers). Three keys of falling strictness let them meet without any edit distance:

* ``exact``: same letters. Case, diacritics, apostrophes, hyphens, spaces, bidirectional marks and
  articles (``al-``, ``ash-``, ``ال``) do not count; in Arabic script neither do the forms of alef, ta marbuta, alef
  maqsura, hamza carriers, vowel signs and tatweel. A final ``h`` after a vowel does not count.
* ``spelling``: same sounds. ``ou``, ``oo``, ``o`` and ``w`` are u; ``ee``, ``ei``, ``e`` and ``y`` are i; q is k;
  doubled letters are single; the colour of a final ``a``/``e`` does not count.
* ``skeleton``: same consonants in the same order, and a vowel at both or neither end. Inner vowels do
  not count, which is what bridges Hreitan and Huraytan, Kafr and Kfar, Tell and Tal, Maarat and Ma'arrat,
  Atareb and Atarib. Fewer than four consonants make no skeleton (``""``):
  with three, two in three matches among real reports were wrong, with four or more one in ten.

A key of another script than Latin or Arabic is empty: such a name is unknown, never half read.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

MIN_SKELETON_CONSONANTS = 4

_ARTICLES = frozenset(
    word
    for consonant in ("l", "r", "s", "sh", "ch", "t", "d", "n", "z", "th", "dh", "j", "hs", "ht", "hl")
    for word in ("a", "l", *(vowel + consonant for vowel in "aeiu"))
)
_QUOTES = dict.fromkeys(map(ord, "'’‘`´ʿʾʼʻ′ʹ“”\"ˈ"), "")
_NOT_WORD = re.compile(r"[^0-9a-z؀-ۿ]+")
_ARABIC = re.compile(r"[؀-ۿ]")
_ARABIC_IGNORED = re.compile(r"[ـً-ٰٟۖ-ۭ]")
_ARABIC_LETTERS = str.maketrans(
    {
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ک": "ك", "ڪ": "ك",
        "ء": "", "ۀ": "ه", "ە": "ه",
    }
)  # fmt: skip
_LATIN_LETTERS = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "ə": "e"})
_DIGRAPHS = {
    "tch": "S", "dzh": "j", "sch": "S", "sh": "S", "ch": "S", "kh": "X", "gh": "G", "dj": "j", "dh": "d", "th": "t",
    "ph": "f", "zh": "j", "tz": "z", "q": "k", "c": "k", "x": "X", "p": "b", "v": "f",
}  # fmt: skip
_DIGRAPH = re.compile("|".join(_DIGRAPHS))
_DOUBLED = re.compile(r"(.)\1+")
_SPELLING_VOWELS = {"ou": "u", "oo": "u", "o": "u", "w": "u", "ee": "i", "ei": "i", "ey": "i", "ay": "ai", "y": "i"}
_SPELLING_VOWEL = re.compile("|".join(_SPELLING_VOWELS))
_VOWELS = "aeiouyw"


class PlaceKeys(NamedTuple):
    """The three keys of a name, the strictest first; ``""`` where a name has none."""

    exact: str
    spelling: str
    skeleton: str


@lru_cache(maxsize=1 << 16)
def place_keys(name: str) -> PlaceKeys:
    """The keys of a name (module docstring)."""
    exact = exact_key(name)
    if not exact or not exact.isascii():
        return PlaceKeys(exact, exact, "")
    sounds = _DOUBLED.sub(r"\1", _DIGRAPH.sub(lambda match: _DIGRAPHS[match[0]], exact))
    return PlaceKeys(exact, _spelling(sounds), _skeleton(sounds))


def words(text: str) -> list[str]:
    """The words of ``text``: lower case, without diacritics, apostrophes, marks of direction or punctuation."""
    folded = text.translate(_QUOTES)
    if folded.isascii():
        folded = folded.lower()
    else:
        folded = unicodedata.normalize("NFKD", folded).casefold().translate(_LATIN_LETTERS)
        folded = "".join(c for c in folded if unicodedata.category(c) not in ("Mn", "Cf", "Lm") or c == "ـ")
        folded = _ARABIC_IGNORED.sub("", folded).translate(_ARABIC_LETTERS)
        if any(c.isalpha() and not (c.isascii() or _ARABIC.match(c)) for c in folded):
            return []
    return [w for w in _NOT_WORD.split(folded) if w]


def exact_key(name: str) -> str:
    """Same letters (module docstring); ``""`` if nothing is left."""
    name_words = words(name)
    kept = [_without_arabic_article(w) for w in name_words if w not in _ARTICLES]
    key = "".join(kept or name_words)
    return key[:-1] if len(key) > 4 and key[-1] == "h" and key[-2] in "aei" else key


def _spelling(sounds: str) -> str:
    key = _DOUBLED.sub(r"\1", _SPELLING_VOWEL.sub(lambda match: _SPELLING_VOWELS[match[0]], sounds))
    if key.endswith("e"):
        key = key[:-1] + "a"
    return _DOUBLED.sub(r"\1", key.replace("e", "i"))


def _skeleton(sounds: str) -> str:
    first = sounds[0]
    inner = sounds[1:] if first in "wy" else sounds
    consonants = (first if first in "wy" else "") + "".join(c for c in inner if c not in _VOWELS)
    if len(consonants) < MIN_SKELETON_CONSONANTS:
        return ""
    return ("a" if first in "aeiou" else "") + consonants + ("a" if sounds[-1] in _VOWELS else "")


def _without_arabic_article(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) > 4 else word
