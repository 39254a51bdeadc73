"""Does the network hold where trees hold? Shifts that the simulator plants between training and test.

python scripts/benchmark_shifts.py [--seeds 5] [--out FILE]      (about half an hour on a quiet core)
python scripts/benchmark_shifts.py --shifts "no shift" amounts --seeds 1 --models hist-gradient-boosting
(needs the extra: pip install -e ".[bench]", unless --models leaves its models out)

Average precision on test of the network (mean over seeds) beside three kinds of boosting on the same features, for
each shift alone, for all together, and for a threefold volume, which is beyond what the network can bear.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from bench.command_line import parser_of, show, write_json
from bench.markdown import line, table
from bench.models import BOOSTING
from bench.shifts import CUSTOMERS, MARGIN, SHIFTS, boosting, encoded, network, world

ALL_SHIFTS = {"no shift": {}, **SHIFTS, "volume x 3": {"volume_growth": 3.0}}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one row a shift, as soon as it is known."""
    parser = parser_of(__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--shifts", nargs="+", choices=list(ALL_SHIFTS), default=list(ALL_SHIFTS))
    parser.add_argument("--models", nargs="+", choices=BOOSTING, default=list(BOOSTING), help="beside the network")
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="of the simulated world")
    parser.add_argument("--out", type=Path, help="the figures as JSON")
    args = parser.parse_args(arguments)
    show(table(["shift", "network", *args.models, "network less best", ""], []))
    rows = []
    for name in args.shifts:
        rows.append(compared(name, seeds=args.seeds, models=args.models, customers=args.customers))
        show(line(cells(rows[-1])))
    if args.out:
        write_json(rows, args.out)


def compared(name: str, *, seeds: int, models: Sequence[str], customers: int) -> dict[str, float | str]:
    """One row: average precision of each model on the test of one shift."""
    encoder, (train, validation, test) = encoded(world(customers=customers, **ALL_SHIFTS[name]))
    by_seed = [network(encoder, train, validation, test, seed=seed) for seed in range(seeds)]
    trees = {model: boosting(model, encoder, train, test) for model in models}
    mean = float(np.mean(by_seed))
    return {"shift": name, "network": mean, **trees, "difference": mean - max(trees.values())}


def cells(row: dict[str, float | str]) -> Iterator[str]:
    """The row as people read it, with whether the network holds."""
    *figures, difference = (value for value in row.values() if isinstance(value, float))
    yield str(row["shift"])
    yield from (f"{value:.3f}" for value in figures)
    yield f"{difference:+.3f}"
    yield "holds" if difference > -MARGIN else "falls"


if __name__ == "__main__":
    main()
