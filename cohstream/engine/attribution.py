"""Who did it, as far as the claims of one incident say: a distribution over candidates, never a default."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cohstream.domain.claim import Claim
from cohstream.domain.incident import Attribution
from cohstream.domain.vocabulary import AttributionConfidence, Basis, Certainty, Kind
from cohstream.engine.words import DISINTERESTED

DENIED = Certainty.DENIED

ALIKE_ENTRIES = 50_000
_alike: dict[tuple[object, ...], Attribution] = {}

NO_ONE = Attribution({}, AttributionConfidence.UNDETERMINED, (), ())


def attribute(founding: Sequence[Claim], attached: Sequence[Claim]) -> Attribution:
    """The attribution of an incident from its founding claims and the denials and admissions attached.

    A copy of one wire counts once: voices are independence groups. Accounts that share a candidate narrow
    each other down to what they share; accounts that share none are rival, and the attribution is contested.
    Incidents of which the same is said share one answer.
    """
    voices: dict[str, int] = {}
    said = (
        *[
            (
                voices.setdefault(one.group, len(voices)),
                one.perpetrators,
                one.certainty is DENIED,
                one.joint,
                one.contested,
                one.basis,
                one.stake in DISINTERESTED,
            )
            for one in founding
        ],
        *[(one.kind, one.perpetrators, one.basis) for one in attached],
    )
    return _alike.get(said) or _remembered(said, founding, attached)


def attribute_lone(claim: Claim) -> Attribution:
    """:func:`attribute` for an incident of one claim, because most are: what decides is put together faster."""
    said = (claim.perpetrators, claim.certainty, claim.joint, claim.contested, claim.basis, claim.stake)
    return _alike.get(said) or _remembered(said, [claim], ())


def _remembered(said: tuple[object, ...], founding: Sequence[Claim], attached: Sequence[Claim]) -> Attribution:
    if len(_alike) >= ALIKE_ENTRIES:
        _alike.clear()
    answer = _alike[said] = _attribution(founding, attached)
    return answer


def _attribution(founding: Sequence[Claim], attached: Sequence[Claim]) -> Attribution:
    accounts = _accounts(founding)
    admitted = _admitted(founding, attached)
    denied_by = tuple(
        sorted({actor for claim in attached if claim.kind is Kind.DENIAL for actor in claim.perpetrators})
    )
    basis = tuple(sorted({word for claim in (*founding, *attached) for word in claim.basis}))
    if not accounts and not admitted:
        return Attribution({}, AttributionConfidence.UNDETERMINED, basis, denied_by) if basis or denied_by else NO_ONE
    if admitted:
        return Attribution(_even(admitted), AttributionConfidence.CONFIRMED_ADMITTED, basis, denied_by)
    shared = set.intersection(*(set(candidates) for candidates in accounts.values()))
    if not shared:
        weights = Counter(actor for candidates in accounts.values() for actor in candidates)
        return Attribution(_shares(weights), AttributionConfidence.CONTESTED, basis, denied_by)
    confidence = _confidence(founding, accounts, shared)
    accused_deny = any(actor in shared for actor in denied_by)
    neutral_word = any(claim.stake in DISINTERESTED and claim.perpetrators for claim in founding)
    only_contested = all(claim.contested for claim in founding if claim.perpetrators)
    if only_contested or (accused_deny and not neutral_word):
        confidence = AttributionConfidence.CONTESTED
    return Attribution(_even(shared), confidence, basis, denied_by)


def _accounts(founding: Sequence[Claim]) -> dict[str, tuple[str, ...]]:
    """The candidates that each independent voice names; a voice that narrows its account is heard last."""
    accounts: dict[str, tuple[str, ...]] = {}
    for claim in founding:
        if not claim.perpetrators or claim.certainty is DENIED:
            continue
        known = accounts.get(claim.group)
        if known is None or len(claim.perpetrators) < len(known):
            accounts[claim.group] = claim.perpetrators
    return accounts


def _admitted(founding: Sequence[Claim], attached: Sequence[Claim]) -> set[str]:
    owned = [claim for claim in founding if Basis.ADMISSION in claim.basis]
    owned += [claim for claim in attached if claim.kind is Kind.ADMISSION]
    return {actor for claim in owned if len(claim.perpetrators) == 1 for actor in claim.perpetrators}


def _confidence(
    founding: Sequence[Claim], accounts: dict[str, tuple[str, ...]], shared: set[str]
) -> AttributionConfidence:
    if len(shared) > 1 and any(claim.joint for claim in founding):
        return AttributionConfidence.JOINT
    if len(accounts) > 1:
        return AttributionConfidence.PROBABLE
    return AttributionConfidence.POSSIBLE


def _even(actors: set[str]) -> dict[str, float]:
    share = round(1 / len(actors), 4)
    return dict.fromkeys(sorted(actors), share)


def _shares(weights: Counter[str]) -> dict[str, float]:
    """Weights that sum to 1, rounded to four decimals, in order of actor id."""
    total = sum(weights.values())
    return {actor: round(weights[actor] / total, 4) for actor in sorted(weights)}
