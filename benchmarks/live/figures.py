"""Figures of interleaved rounds: medians, ratios and their spread."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Awaitable, Callable, Sequence

from benchmarks.live.process import BenchError, Contestant

Rates = dict[str, list[float]]
"""By contestant one rate a round, in order of the rounds."""


async def interleaved(
    contestants: Sequence[Contestant], rounds: int, measure: Callable[[Contestant], Awaitable[float]]
) -> Rates:
    """Measure every contestant once a round. One that fails is named and left out of the rounds that follow."""
    rates: Rates = {one.name: [] for one in contestants}
    failed: set[str] = set()
    for number in range(1, rounds + 1):
        for one in contestants:
            if one.name in failed:
                continue
            try:
                rates[one.name].append(await measure(one))
                print(f"  round {number}: {one.name:<22}{rates[one.name][-1]:>10,.0f}/s", flush=True)
            except BenchError as error:
                failed.add(one.name)
                print(f"  round {number}: {one.name} is out: {error}", flush=True)
            await asyncio.sleep(1.0)
    return {name: found for name, found in rates.items() if found}


def show(rates: Rates, ours: str, unit: str) -> None:
    """Print the median of each contestant, and how many times the rate of each peer ours is, round by round."""
    for name, found in rates.items():
        spread = f"({min(found):,.0f} to {max(found):,.0f}; rounds: {len(found)})"
        print(f"  {name:<24}{statistics.median(found):>10,.0f} {unit}/s  {spread}")
    for name, found in rates.items():
        if name != ours and ours in rates:
            ratios = [mine / theirs for mine, theirs in zip(rates[ours], found, strict=False)]
            print(
                f"  {ours} / {name}: {statistics.median(ratios):.2f}x ({min(ratios):.2f} to {max(ratios):.2f})",
                flush=True,
            )


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The value that ``share`` of the sorted values do not exceed."""
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


def show_latencies(title: str, seconds: Sequence[float]) -> float:
    """Print p50, p99, p99.9 and the greatest in milliseconds; returns p99 in seconds."""
    if not seconds:
        print(f"  {title}: nothing was measured")
        return 0.0
    found = sorted(seconds)
    shares = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
    told = ", ".join(f"{name} {percentile(found, share) * 1e3:.1f}" for name, share in shares.items())
    print(f"  {title}: {told}, greatest {found[-1] * 1e3:.1f} ms ({len(found):,} measured)", flush=True)
    return percentile(found, 0.99)
