"""Faults that the words of a text show: sources, dates, places, names, and keys that have no effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cohstream.domain.vocabulary import CONDUCT_FAMILY, is_within
from cohstream.knowledge.actors import ActorRegistry
from cohstream.law.cells import means_of
from cohstream.law.lint_fault import Fault, Path, Subject
from cohstream.law.text import DRAFTS, TARGET_WORDS, ClauseText, Modality, Status

RULING = frozenset({Modality.PROHIBIT, Modality.PERMIT, Modality.REQUIRE})
OVER = frozenset({Status.LAPSED, Status.SUPERSEDED})
NO_SOURCE = frozenset({"", "?", "-", "tbd", "todo", "tba", "unknown", "n/a", "none", "xxx"})
GOVERNORATES = frozenset(f"SY{number:02}" for number in range(1, 15))
"""The units that the gazetteer resolves in its own country."""

FAMILIES_OF_REASON = {
    "V-ATTACK-COVERED": {"attack"},
    "V-AIR-COVERED": {"attack", "flight"},
    "V-TERRITORY": {"territory"},
    "V-ACCESS": {"obstruction"},
    "V-ZONE-PRESENCE": {"deployment", "nonhostile"},
    "V-ZONE-FLIGHT": {"flight", "nonhostile", "attack"},
    "V-UNAGREED-STRIKE": {"attack"},
}
"""The families of conduct that a reason speaks of; the others speak of any."""
FAMILIES_OF_EXCEPTION = {
    "self_defence": {"attack", "territory"},
    "return_fire": {"attack"},
    "agreed_strike": {"attack"},
    "imminent_threat": {"attack", "flight"},
    "mistake_admitted": {"attack", "flight", "territory"},
    "demining": {"attack", "deployment"},
    "medevac": {"flight", "nonhostile"},
    "humanitarian_flight": {"flight", "nonhostile"},
    "personnel_recovery": {"flight", "nonhostile", "attack"},
}
"""The families of conduct that an exception can excuse; the others excuse any."""


def text_faults(subject: Subject, actors: ActorRegistry, others: Mapping[str, str]) -> Iterator[Fault]:
    """Every fault of the words, in no order. ``others`` are the files of other agreements by id."""
    yield from _identity(subject, others)
    yield from _sources(subject)
    yield from _dates(subject)
    yield from _places(subject)
    yield from _names(subject, actors)
    yield from _repetitions(subject)
    for index, clause in enumerate(subject.text.clauses):
        if clause.modality in RULING and clause.conduct:
            yield from _ruling(subject, index, clause)
        else:
            yield from _without_effect(subject, index, clause)
    yield from _holes(subject)


def _identity(subject: Subject, others: Mapping[str, str]) -> Iterator[Fault]:
    name = subject.text.agreement
    if name in others:
        yield subject.error(
            "same-id", ("agreement",), f"{others[name]} has the agreement {name} already", "Give it another id."
        )
    for index, parent in enumerate(subject.text.parents):
        path = ("parents", index)
        if parent == name:
            yield subject.error("parent", path, f"{name} is its own parent", "Remove it.")
        elif parent not in others:
            yield subject.error(
                "parent", path, f"'{parent}' is no loaded agreement", f"Known: {', '.join(sorted(others)) or 'none'}."
            )


def _sources(subject: Subject) -> Iterator[Fault]:
    text = subject.text
    stated: list[tuple[Path, str, str]] = [
        (("validity", "source"), "the validity", text.validity.source),
        (("area", "source"), "the area", text.area.source),
        (("exclusion", "source"), "the exclusion", text.exclusion.source),
        (("self_defence", "source"), "self-defence", text.self_defence.source),
    ]
    for index, began in enumerate(text.validity.from_claims):
        path: Path = ("validity", "from_claims", index, "source")
        stated.append((path, f"the start that {began.authority} claims", began.source))
    for index, drawn in enumerate(text.area.claims):
        path = ("area", "claims", index, "source")
        stated.append((path, f"the area that {drawn.authority} claims", drawn.source))
    for index, pause in enumerate(text.validity.pauses):
        stated.append((("validity", "pauses", index, "source"), f"the pause of {pause.from_}", pause.source))
    for index, claim in enumerate(text.validity.until_claims):
        stated.append(
            (("validity", "until_claims", index, "source"), f"the end that {claim.authority} claims", claim.source)
        )
    stated += [(("parties", i, "source"), f"party '{one.id}'", one.source) for i, one in enumerate(text.parties)]
    stated += [(("zones", i, "source"), f"zone '{one.id}'", one.source) for i, one in enumerate(text.zones)]
    stated += [(("clauses", i, "source"), f"clause '{one.id}'", one.source) for i, one in enumerate(text.clauses)]
    for path, what, source in stated:
        if source.strip().lower().rstrip(".") in NO_SOURCE:
            yield subject.error("source", path, f"{what} has no source", "Write where it is from: text and paragraph.")
    if not text.legal_basis:
        yield subject.warning("source", ("legal_basis",), "no legal basis is given", "Name the texts it rests on.")
    for index, clause in enumerate(text.clauses):
        if not clause.paraphrase.strip():
            yield subject.error(
                "paraphrase", ("clauses", index, "paraphrase"), f"clause '{clause.id}' says nothing", "Paraphrase it."
            )


def _dates(subject: Subject) -> Iterator[Fault]:
    text, validity = subject.text, subject.text.validity
    if validity.from_ is None and not validity.from_claims and text.status not in DRAFTS:
        yield subject.warning(
            "undated", ("validity",), f"the agreement is {text.status}, but has no 'from'", "Date its beginning."
        )
    if validity.until is None and not validity.until_claims and text.status in OVER:
        yield subject.warning(
            "undated", ("validity",), f"the agreement is {text.status}, but nothing says since when", "Date its end."
        )
    stated: list[tuple[Path, str]] = [
        (("validity", name), value) for name, value in (("from", validity.from_), ("until", validity.until)) if value
    ]
    for index, claim in enumerate(validity.until_claims):
        path: Path = ("validity", "until_claims", index, "until")
        stated.append((path, claim.until))
        if validity.until is not None and claim.until > validity.until:
            what = f"{claim.authority} claims an end after 'until', of which nobody disagrees"
            yield subject.error("dates", path, what, "Make 'until' a claim of its authority, or correct one.")
    for authority, count in Counter(claim.authority for claim in validity.until_claims).items():
        if count > 1:
            what = f"{authority} claims {count} ends"
            yield subject.warning("dates", ("validity", "until_claims"), what, "Keep the one that it stands by.")
    for path, value in stated:
        if len(value) <= len("2016-02-27"):
            what = f"{value} has no hour; it counts from 00:00"
            yield subject.note("dates", path, what, f"If that is meant, write {value}T00:00:00.")
        odd = _odd_hour(value, text.zone)
        if odd:
            yield subject.warning("dates", path, f"{value} {odd} in {text.zone}", "Write another hour.")


def _odd_hour(value: str, zone: str) -> str:
    """What is odd about a local time where clocks change."""
    local = datetime.fromisoformat(value).replace(tzinfo=ZoneInfo(zone))
    if local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local.replace(tzinfo=None):
        return "does not exist"
    return "happens twice" if local.utcoffset() != local.replace(fold=1).utcoffset() else ""


def _places(subject: Subject) -> Iterator[Fault]:
    text = subject.text
    used = {clause.zone for clause in text.clauses}
    units: list[tuple[Path, str]] = [(("area", "admin1", i), unit) for i, unit in enumerate(text.area.admin1)]
    for index, zone in enumerate(text.zones):
        path: Path = ("zones", index)
        units += [((*path, "admin1", i), unit) for i, unit in enumerate(zone.admin1)]
        in_units = zone.admin1 and not zone.presence and not zone.admin2 and not zone.is_drawn
        if (
            in_units
            and not text.area.claims
            and not text.area.is_drawn
            and not set(zone.admin1) & set(text.area.admin1)
        ):
            what = f"zone '{zone.id}' lies outside the agreement's area"
            yield subject.error("area", (*path, "admin1"), what, "Widen the area, or correct the zone.")
        if zone.id not in used:
            yield subject.warning("unused", path, f"no clause holds in zone '{zone.id}'", "Use it, or remove it.")
    for path, unit in units:
        if unit[:2] == "SY" and unit not in GOVERNORATES:
            yield subject.error("unit", path, f"'{unit}' is no governorate", "Write one of SY01 to SY14.")


def _names(subject: Subject, actors: ActorRegistry) -> Iterator[Fault]:
    text = subject.text
    registered = set(actors.ids())
    known = registered | {actor.split(".", 1)[0] + ".*" for actor in registered}
    if not text.parties:
        yield subject.error("hole", ("parties",), "no party is declared", "Declare who is bound or protected.")
    for index, party in enumerate(text.parties):
        if not party.roles:
            yield subject.error("hole", ("parties", index), f"party '{party.id}' has no role", "Give it one.")
        for role, members in party.roles.items():
            path = ("parties", index, "roles", role)
            if not members:
                yield subject.error("hole", path, f"role '{role}' has no member", "Name actors or a bloc.")
            if role in TARGET_WORDS:
                what = f"role '{role}' is called as a kind of target is"
                yield subject.error("name", path, what, "Give it another name; clauses would mean both.")
            for position, member in enumerate(members):
                if member not in known:
                    what = f"'{member}' is no registered actor and no bloc"
                    yield subject.error("actor", (*path, position), what, "Write an id of the actor registry, or gov.*")
    for position, name in enumerate(text.exclusion.named):
        if name not in registered:
            what = f"'{name}' is excluded, but no registered actor"
            yield subject.error("actor", ("exclusion", "named", position), what, "Write an id of the actor registry.")
    lists = actors.lists()
    for position, name in enumerate(text.exclusion.lists):
        if name not in lists:
            what = f"nobody is designated by a list '{name}'"
            remedy = f"Known lists: {', '.join(sorted(lists))}."
            yield subject.warning("list", ("exclusion", "lists", position), what, remedy)


def _repetitions(subject: Subject) -> Iterator[Fault]:
    text = subject.text
    lists: list[tuple[Path, list[str]]] = [
        (("area", "admin1"), text.area.admin1),
        (("authorities",), text.authorities),
        (("exclusion", "named"), text.exclusion.named),
        (("exclusion", "lists"), text.exclusion.lists),
    ]
    lists += [
        (("clauses", index, name), getattr(clause, name))
        for index, clause in enumerate(text.clauses)
        for name in ("bound", "conduct", "weapon", "target", "exceptions")
    ]
    for path, words in lists:
        for word, count in Counter(words).items():
            if count > 1:
                yield subject.warning("repeated", path, f"'{word}' stands {count} times", "Keep one.")
    for index, clause in enumerate(text.clauses):
        for name in ("conduct", "weapon", "target"):
            words = getattr(clause, name)
            for word in words:
                wider = [other for other in words if other != word and _contains(name, other, word)]
                if wider:
                    what = f"'{word}' is part of '{wider[0]}' beside it"
                    yield subject.warning("redundant", ("clauses", index, name), what, "Keep the one that is meant.")


def _contains(name: str, wider: str, word: str) -> bool:
    if wider == "any":
        return True
    if name == "conduct":
        return CONDUCT_FAMILY[word] == wider
    return name == "weapon" and is_within(word, (wider,))


def _ruling(subject: Subject, index: int, clause: ClauseText) -> Iterator[Fault]:
    """Faults of a clause that regulates a conduct."""
    path: Path = ("clauses", index)
    families = {CONDUCT_FAMILY.get(word, word) for word in clause.conduct}
    if not clause.bound:
        yield subject.error("hole", path, f"clause '{clause.id}' binds nobody", "Add 'bound'.")
    for reason in (clause.violation, clause.air_violation):
        expected = FAMILIES_OF_REASON.get(reason or "")
        if expected and not expected & families and "any" not in families:
            key = "violation" if reason == clause.violation else "air_violation"
            what = f"{reason} speaks of {', '.join(sorted(expected))}, the clause of {', '.join(sorted(families))}"
            yield subject.warning("reason", (*path, key), what, "Give the reason that fits the conduct.")
    if clause.air_violation and not families & {"attack", "flight", "any"}:
        what = f"clause '{clause.id}' regulates nothing that is done from the air"
        yield subject.warning("reason", (*path, "air_violation"), what, "Remove air_violation.")
    for position, word in enumerate(clause.exceptions):
        expected = FAMILIES_OF_EXCEPTION.get(word)
        if expected and not expected & families and "any" not in families:
            what = f"the exception '{word}' excuses nothing that clause '{clause.id}' regulates"
            yield subject.warning("exception", (*path, "exceptions", position), what, "Remove it, or widen conduct.")
    if clause.modality is Modality.PERMIT and (clause.violation or clause.air_violation):
        what = f"clause '{clause.id}' permits, so it can be no violation"
        yield subject.warning("no-effect", (*path, "violation"), what, "Remove violation.")
    if clause.marbling and not (subject.text.exclusion.named or subject.text.exclusion.lists):
        what = f"clause '{clause.id}' has marbling, but the agreement excludes nobody"
        yield subject.warning("marbling", (*path, "marbling"), what, "Remove it, or fill exclusion.")
    if not any(_is_meant(clause, one.conduct, one.weapon) for one in means_of((), also_harmless=True)):
        what = f"no conduct of clause '{clause.id}' is committed with its weapons"
        yield subject.warning("means", (*path, "weapon"), what, "Correct conduct or weapon.")


def _is_meant(clause: ClauseText, conduct: str, weapon: str) -> bool:
    conducts = {"any", conduct, CONDUCT_FAMILY[conduct]}
    wanted = [word for word in clause.weapon if word != "any"]
    return bool(conducts & set(clause.conduct)) and (
        len(wanted) < len(clause.weapon)
        or is_within(weapon, wanted)
        or any(is_within(word, (weapon,)) for word in wanted)
    )


def _without_effect(subject: Subject, index: int, clause: ClauseText) -> Iterator[Fault]:
    """Keys of a clause that declares, orders a procedure, or regulates no conduct: nothing reads them."""
    tree_path: Path = ("clauses", index)
    why = f"clause '{clause.id}' regulates no conduct"
    if clause.exceptions:
        what = f"{why}, so its exceptions excuse nothing"
        yield subject.warning("exception", (*tree_path, "exceptions"), what, "Move them to the clause they excuse.")
    for key in ("conduct", "bound", "zone", "violation", "air_violation", "marbling"):
        if getattr(clause, key):
            what = f"{why}; '{key}' has no effect"
            yield subject.warning("no-effect", (*tree_path, key), what, "Remove it, or make the clause prohibit.")
    if clause.modality is Modality.PROCEDURE and not clause.provides:
        what = f"clause '{clause.id}' is a procedure, but not what for"
        yield subject.note("procedure", tree_path, what, "Add 'provides', so that gaps can be told.")


def _holes(subject: Subject) -> Iterator[Fault]:
    """Parties that no clause binds, and targets that no clause protects."""
    text = subject.text
    ruling = [clause for clause in text.clauses if clause.modality in RULING and clause.conduct]
    bound = {role for clause in ruling for role in clause.bound}
    if not ruling:
        yield subject.error("hole", ("clauses",), "no clause regulates any conduct", "Add what is prohibited.")
        return
    named = {word for clause in ruling for word in clause.target}
    for index, party in enumerate(text.parties):
        if party.guarantor or named & set(party.roles):
            continue  # a guarantor may only watch, and who is protected by name need not be bound
        silent = [role for role in party.roles if role not in bound]
        if len(silent) == len(party.roles):
            what = f"party '{party.id}' is declared, but no clause binds it"
            yield subject.warning("hole", ("parties", index), what, "Bind it by a clause, or remove it.")
        else:
            for role in silent:
                what = f"no clause binds role '{role}' of party '{party.id}'"
                yield subject.warning("hole", ("parties", index, "roles", role), what, "Bind it by a clause.")
    barring = [one for one in ruling if one.modality is not Modality.PERMIT]
    hostile = [one for one in barring if _speaks_of(one, "attack")]
    if not hostile:
        return
    # A flight is barred whoever it threatens, and an attack from the air implies one.
    protected = {
        word for clause in barring if clause in hostile or _speaks_of(clause, "flight") for word in clause.target
    }
    forces = {"any", "covered_force", "covered_party_force", "associated_force"}
    for index, party in enumerate(text.parties):
        if not protected & (forces | set(party.roles)):
            what = f"no clause protects party '{party.id}'"
            yield subject.warning("hole", ("parties", index), what, "Name its role as a target, or covered_force.")
    if not protected & (TARGET_WORDS - forces - {"excluded_org_force", "third_state_force", "military_position"}) and (
        "any" not in protected
    ):
        first = text.clauses.index(hostile[0])
        what = "no clause protects civilians"
        yield subject.warning("hole", ("clauses", first, "target"), what, "Add civilians to a target.")


def _speaks_of(clause: ClauseText, family: str) -> bool:
    return any(word == "any" or CONDUCT_FAMILY.get(word) == family for word in clause.conduct)
