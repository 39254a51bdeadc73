"""Does the network stand where trees stand? Shifts that the simulator plants between training and test.

python scripts/benchmark_shifts.py [--seeds 5] [--out FILE]
(needs the packages of `make dev`)

Average precision on test of the network (mean over seeds) beside three kinds of boosting on the same features, for
each shift alone, for all together, and for a threefold volume, which is beyond what the network stands.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from bench.models import BOOSTING
from bench.shifts import MARGIN, SHIFTS, boosting, encoded, network, world

ASKED = {"no shift": {}, **SHIFTS, "volume x 3": {"volume_growth": 3.0}}


def main() -> None:
    """Print one row a shift."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, help="the figures as JSON")
    asked = parser.parse_args()
    sys.stdout.write(f"| shift | network | {' | '.join(BOOSTING)} | network less best | |\n{'| --- ' * 7}|\n")
    rows = [judged(name, shift, seeds=asked.seeds) for name, shift in ASKED.items()]
    if asked.out:
        asked.out.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def judged(name: str, shift: dict[str, float], *, seeds: int) -> dict[str, float | str]:
    """One row, printed as soon as it is known."""
    encoder, (train, validation, test) = encoded(world(**shift))
    found = [network(encoder, train, validation, test, seed=seed) for seed in range(seeds)]
    trees = {model: boosting(model, encoder, train, test) for model in BOOSTING}
    difference = float(np.mean(found)) - max(trees.values())
    cells = [f"{value:.3f}" for value in (np.mean(found), *trees.values())]
    verdict = "holds" if difference > -MARGIN else "falls"
    sys.stdout.write(f"| {name} | {' | '.join(cells)} | {difference:+.3f} | {verdict} |\n")
    sys.stdout.flush()
    return {"shift": name, "network": float(np.mean(found)), **trees, "difference": difference}


if __name__ == "__main__":
    main()
