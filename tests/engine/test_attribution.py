"""The short way to the attribution of a lone claim leads where the long one does."""

from __future__ import annotations

from cohstream.engine.attribution import attribute, attribute_lone
from cohstream.engine.batch import apply
from cohstream.engine.context import Context
from cohstream.engine.ledger import Ledger
from cohstream.simulate import simulate


def test_a_lone_claim_is_attributed_as_one_of_several_is(context: Context) -> None:
    ledger = Ledger()
    apply(ledger, simulate(500, seed=7), context)
    for claim in ledger.claims():
        assert attribute_lone(claim) == attribute([claim], ())
