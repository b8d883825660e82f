"""Loading agreements: built-in ones and any other folder of YAML, with every fault told at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from cohstream.errors import DataError, Problem
from cohstream.law.agreement import Agreement
from cohstream.law.text import TARGET_WORDS, AgreementText
from cohstream.strict_yaml import YamlMap, line_of, parse_yaml, read_model

CASES_SUFFIX = ".cases.yaml"


def load_agreements(directories: Sequence[Path] = ()) -> dict[str, Agreement]:
    """All agreements by id: the built-in ones, then those of ``directories``.

    Raises :class:`DataError` with every fault of every file: unreadable YAML, unknown words, contradictions,
    ids that two files share, and parents that no file gives.
    """
    agreements: dict[str, Agreement] = {}
    parents: list[tuple[str, Problem]] = []
    problems: list[Problem] = []
    for name, text in law_texts(directories, problems):
        try:
            agreement = read_agreement(text, name)
        except DataError as error:
            problems += error.problems
            continue
        if agreement.agreement_id in agreements:
            problems.append(
                Problem(name, 1, f"the agreement {agreement.agreement_id} is loaded already", "Give it another id.")
            )
        else:
            agreements[agreement.agreement_id] = agreement
            parents += _parents(agreement, text, name)
    problems += [problem for parent, problem in parents if parent not in agreements]
    if problems:
        raise DataError(problems)
    return dict(sorted(agreements.items()))


def _parents(agreement: Agreement, text: str, file: str) -> Iterator[tuple[str, Problem]]:
    """Each parent, with what is wrong if no file gives it."""
    for index, parent in enumerate(agreement.parents):
        tree = parse_yaml(text, file)
        what = f"the parent '{parent}' of {agreement.agreement_id} is no agreement that was loaded"
        yield parent, Problem(file, line_of(tree, ("parents", index)), what, "Load its file too, or correct the id.")


def read_agreement(text: str, file: str) -> Agreement:
    """One agreement from the text of its file. Raises :class:`DataError`."""
    model = read_model(AgreementText, text, file)
    problems = list(contradictions(model, parse_yaml(text, file), file))
    if problems:
        raise DataError(problems)
    return Agreement(model, "sha256:" + sha256(text.encode()).hexdigest())


def law_digest(agreements: Mapping[str, Agreement]) -> str:
    """One hash over the texts of all loaded agreements."""
    hashed = sha256("".join(f"{name} {agreements[name].digest}\n" for name in sorted(agreements)).encode())
    return "sha256:" + hashed.hexdigest()


def law_texts(
    directories: Sequence[Path], problems: list[Problem], *, cases: bool = False
) -> Iterator[tuple[str, str]]:
    """Name and text of every agreement, or every file of ``cases``, built-in ones first.

    Files that cannot be read are told in ``problems``.
    """
    built_in = files("cohstream.law").joinpath("agreements")
    for entry in sorted(built_in.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".yaml") and entry.name.endswith(CASES_SUFFIX) is cases:
            yield entry.name, entry.read_text("utf-8")
    for directory in directories:
        if not directory.is_dir():
            problems.append(Problem(str(directory), 1, "this is no directory", "Name a directory with YAML files."))
            continue
        for path in sorted([*directory.glob("*.yaml"), *directory.glob("*.yml")]):
            if path.name.endswith(CASES_SUFFIX) is not cases:
                continue
            try:
                yield str(path), path.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                problems.append(Problem(str(path), 1, f"the file cannot be read: {error}", "Save it as UTF-8."))


def contradictions(model: AgreementText, tree: YamlMap, file: str) -> Iterator[Problem]:
    """What no single key can show: ids used twice, words that nothing declares, ends before the start."""

    def problem(path: tuple[int | str, ...], what: str, remedy: str) -> Problem:
        return Problem(file, line_of(tree, path), what, remedy)

    validity = model.validity
    starts = [claim.from_ for claim in validity.from_claims] + ([validity.from_] if validity.from_ else [])
    start = min(starts, default=None)
    for index, claim in enumerate(validity.until_claims):
        if start is not None and claim.until <= start:
            yield problem(
                ("validity", "until_claims", index, "until"),
                f"the agreement contradicts itself: {claim.authority} ends it at {claim.until}, not after its start",
                "Correct the end or the start.",
            )
    if start is not None and validity.until is not None and validity.until <= start:
        yield problem(
            ("validity", "until"),
            "the agreement contradicts itself: it ends before it starts",
            "Correct one of the two.",
        )
    for index, pause in enumerate(validity.pauses):
        if pause.until <= pause.from_:
            yield problem(("validity", "pauses", index), "the pause ends before it starts", "Correct one of the two.")
    if model.area.is_empty is not bool(model.area.claims):
        what = "the area is drawn twice" if model.area.claims else "the area has no ground"
        yield problem(("area",), what, "Give units, circles, polygons or corridors, or claims that do.")
    for index, drawn in enumerate(model.area.claims):
        if drawn.is_empty:
            yield problem(("area", "claims", index), "the area has no ground", "Give units, circles or the like.")
    for index, zone in enumerate(model.zones):
        if zone.is_empty and not zone.presence:
            what = f"the zone '{zone.id}' has no ground"
            yield problem(("zones", index), what, "Give units, circles, polygons, corridors, or presence.")
        if zone.from_ is not None and zone.until is not None and zone.until <= zone.from_:
            yield problem(("zones", index, "until"), f"the zone '{zone.id}' ends before it starts", "Correct one.")
    for index, parent in enumerate(model.parents):
        if parent == model.agreement:
            yield problem(("parents", index), "the agreement is its own parent", "Remove it from its parents.")
    roles = [role for party in model.parties for role in party.roles]
    members = {member for party in model.parties for ids in party.roles.values() for member in ids}
    seen: dict[tuple[str, str], int] = {}
    for path, noun, word in _declarations(model):
        line = line_of(tree, path)
        if (noun, word) in seen:
            what = f"the {noun} '{word}' is declared twice, first in line {seen[noun, word]}"
            yield problem(path, what, "Keep it in one place.")
        seen.setdefault((noun, word), line)
    for member in sorted(members & set(model.exclusion.named)):
        yield problem(
            ("exclusion", "named"),
            f"the agreement contradicts itself: '{member}' is both a party's member and excluded",
            "Remove it from one of the two.",
        )
    zones = {zone.id for zone in model.zones}
    for index, clause in enumerate(model.clauses):
        for word in clause.bound:
            if word not in roles:
                yield problem(("clauses", index, "bound"), f"'{word}' is no declared role", _declared(roles))
        for word in clause.target:
            if word not in roles and word not in TARGET_WORDS and word not in model.exclusion.named:
                yield problem(("clauses", index, "target"), f"'{word}' is no role and no target word", _declared(roles))
        if clause.zone is not None and clause.zone not in zones:
            yield problem(("clauses", index, "zone"), f"'{clause.zone}' is no declared zone", _declared(zones))
        if clause.modality == "prohibit" and (not clause.violation or not clause.bound or not clause.conduct):
            yield problem(
                ("clauses", index),
                f"clause '{clause.id}' prohibits, but not who what",
                "Add bound, conduct and violation.",
            )
        if clause.modality == "require" and clause.conduct and not (clause.violation and clause.bound):
            yield problem(
                ("clauses", index),
                f"clause '{clause.id}' makes a conduct a breach of what it requires, but not whose or which",
                "Add bound and violation, or remove conduct.",
            )


def _declarations(model: AgreementText) -> Iterator[tuple[tuple[int | str, ...], str, str]]:
    """Every id that a file gives, with its path and what it is the id of."""
    for index, party in enumerate(model.parties):
        yield ("parties", index, "id"), "party", party.id
        for role, members in party.roles.items():
            yield ("parties", index, "roles", role), "role", role
            for member in members:
                yield ("parties", index, "roles", role), "member", member
    for index, zone in enumerate(model.zones):
        yield ("zones", index, "id"), "zone", zone.id
    for index, clause in enumerate(model.clauses):
        yield ("clauses", index, "id"), "clause", clause.id


def _declared(words: Iterable[str]) -> str:
    return f"Declared: {', '.join(sorted(words)) or 'none'}."
