"""Agreements as data: model, loader, evaluation, coverage policies."""

from cohstream.law.agreement import Agreement, Party
from cohstream.law.evaluation import evaluate
from cohstream.law.loader import law_digest, load_agreements, read_agreement
from cohstream.law.memo import Evaluator

__all__ = ["Agreement", "Evaluator", "Party", "evaluate", "law_digest", "load_agreements", "read_agreement"]
