"""Do intervals hold the truth, and is a winner a winner? Simulated worlds of which the truth is known.

python scripts/benchmark_evidence.py [--worlds 200] [--only TEXT] [--out docs/evidence.md]     (about half an hour)

Each line is a kind of world: so many entities, seeds and folds, so many frauds in 30 days, so many alerts a day.
Coverage is the share of worlds in which the 95 % interval holds the truth, the mean over all worlds of the line. Two
strategies of three are equally good by construction: a winner between them is a false one. The third is better; how
often that is found is the power, and how often it is called equivalent at a margin of just its lead a false claim.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from bench.command_line import parser_of, progress, show
from bench.evidence_worlds import World, simulate
from bench.markdown import line, replace_between, table

from fraud.config import PolicyConfig
from fraud.evaluation.policy import units_of
from fraud.evaluation.statistics.estimates import Estimate
from fraud.evaluation.statistics.figures import ranking
from fraud.evaluation.statistics.operating_point import judge_at_operating_point
from fraud.evaluation.statistics.verdicts import verdict

FIGURES = ("recall", "precision", "average_precision", "difference")
HEADINGS = (
    *("entities", "seeds", "folds", "frauds", "alerts a day"),
    *("recall", "precision", "average precision", "difference", "false winners", "falsely equivalent", "power"),
)
GRID = (
    *(World(alerts_per_day=k, frauds=n) for n, k in product((10, 50, 500), (1, 3, 10, 100))),
    *(World(alerts_per_day=k, frauds=n, seeds=2, folds=3) for n, k in product((10, 50, 500), (1, 3, 10, 100))),
    *(World(alerts_per_day=k, frauds=n, entities=2) for n, k in product((50, 500), (10, 100))),
    *(World(alerts_per_day=k, frauds=n, entities=2, seeds=2, folds=3) for n, k in product((50, 500), (10, 100))),
    *(World(alerts_per_day=k, frauds=n, seeds=3, heavy=True) for n, k in product((50, 500), (3, 10, 100))),
)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The figures of the three strategies on one window."""

    figures: dict[str, Estimate]
    """``FIGURES``; the first three of the better strategy, the difference to the second."""
    twins: Estimate
    """Difference of two strategies that are equally good."""
    caught: tuple[float, float]
    """Frauds that the better and the second find."""
    frauds: int


@dataclass(frozen=True, kw_only=True)
class Shares:
    """What came out for one kind of world, as shares of its worlds; ``ceiling`` bounds the budget."""

    world: World
    coverage: dict[str, float]
    false_winners: float
    falsely_equivalent: float
    power: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one row a kind of world, as soon as it is known."""
    parser = parser_of(__doc__)
    parser.add_argument("--worlds", type=int, default=200, help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="lines of the table that begin like this, as '2 | 1'")
    parser.add_argument("--out", type=Path, help="page with the markers evidence:begin and evidence:end")
    args = parser.parse_args(arguments)
    show(table(HEADINGS, []))
    lines = []
    for number, world in enumerate(GRID):
        if not " | ".join(named(world)).startswith(args.only):
            continue
        rng = np.random.default_rng([args.seed, number])
        found = shares_of(world, [judged(world, rng) for _ in range(args.worlds)])
        lines.append(found)
        show(line(cells(found)))
    text = f"{table(HEADINGS, [list(cells(one)) for one in lines])}\n\n{summary(lines, worlds=args.worlds)}"
    show(f"\n{summary(lines, worlds=args.worlds)}")
    if args.out:
        replace_between(args.out, "evidence", f"\n{text}\n")
        progress(f"{args.out} written")


def judged(world: World, rng: np.random.Generator) -> Judged:
    """Simulate one window and judge its strategies as a comparison does."""
    window = simulate(world, rng)
    policy = PolicyConfig(value=float(world.alerts_per_day))
    points = [
        judge_at_operating_point(
            window.sampling,
            policy,
            y_true=window.y,
            y_score=logits,
            day=window.day,
            unit=units_of(policy, day=window.day, card=window.card),
        )
        for logits in window.logits
    ]
    average_precision, _ = ranking(window.sampling, window.y, window.logits[0])
    recalls = [point.recall for point in points]
    return Judged(
        figures={
            "recall": recalls[0],
            "precision": points[0].precision,
            "average_precision": average_precision,
            "difference": recalls[0] - recalls[1],
        },
        twins=recalls[1] - recalls[2],
        caught=(float(points[0].alerts[window.y].sum()), float(points[1].alerts[window.y].sum())),
        frauds=int(window.y.sum()),
    )


def shares_of(world: World, windows: Sequence[Judged]) -> Shares:
    """Coverage and verdicts over the windows of one kind."""
    truth = truths(windows)
    intervals = {name: [one.figures[name].interval() for one in windows] for name in FIGURES}
    coverage = {
        name: float(np.mean([one.low <= truth[name] <= one.high for one in found])) for name, found in intervals.items()
    }
    lead = abs(truth["difference"])
    words = [
        verdict(one.low, one.high, margin=lead, p_value=judged.figures["difference"].p_value())
        for one, judged in zip(intervals["difference"], windows, strict=True)
    ]
    better = [
        verdict(one.low, one.high, margin=0.0, p_value=judged.figures["difference"].p_value())
        for one, judged in zip(intervals["difference"], windows, strict=True)
    ]
    winners = [is_winner(one.twins) for one in windows]
    return Shares(
        world=world,
        coverage=coverage,
        false_winners=float(np.mean(winners)),
        falsely_equivalent=float(np.mean([word == "equivalent" for word in words])),
        power=float(np.mean([word == "a" for word in better])),
    )


def truths(windows: Sequence[Judged]) -> dict[str, float]:
    """The truth of each figure: over all windows; of recall the ratio of sums, as frauds differ in number."""
    frauds = sum(one.frauds for one in windows)
    caught = np.sum([one.caught for one in windows], axis=0) / frauds
    return {
        "recall": float(caught[0]),
        "precision": float(np.mean([one.figures["precision"].value for one in windows])),
        "average_precision": float(np.mean([one.figures["average_precision"].value for one in windows])),
        "difference": float(caught[0] - caught[1]),
    }


def is_winner(difference: Estimate) -> bool:
    """Whether one of two strategies is named better."""
    interval = difference.interval()
    return verdict(interval.low, interval.high, margin=0.0, p_value=difference.p_value()) in {"a", "b"}


def named(world: World) -> Iterator[str]:
    """The first cells of a line."""
    yield f"{world.entities}{', heavy tails' if world.heavy else ''}"
    yield from (str(count) for count in (world.seeds, world.folds, world.frauds, world.alerts_per_day))


def cells(found: Shares) -> Iterator[str]:
    """A line of the table, in percent."""
    yield from named(found.world)
    yield from (f"{100 * found.coverage[name]:.1f}" for name in FIGURES)
    yield from (f"{100 * share:.1f}" for share in (found.false_winners, found.falsely_equivalent, found.power))


def summary(lines: Sequence[Shares], *, worlds: int) -> str:
    """Means over the lines, and the worst of each."""
    parts = []
    for name in FIGURES:
        covered = [one.coverage[name] for one in lines]
        parts.append(f"{name.replace('_', ' ')} {100 * np.mean(covered):.1f} (lowest {100 * min(covered):.1f})")
    false = [one.false_winners for one in lines]
    equal = [one.falsely_equivalent for one in lines]
    return (
        f"{worlds} worlds a line. Mean coverage in %: {'; '.join(parts)}. False winners {100 * np.mean(false):.1f} "
        f"(most {100 * max(false):.1f}); falsely equivalent {100 * np.mean(equal):.1f} (most {100 * max(equal):.1f})."
    )


if __name__ == "__main__":
    main()
