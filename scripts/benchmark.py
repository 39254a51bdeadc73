"""Speed and memory beside what else people use, side by side: `make bench`.

python scripts/benchmark.py [--only features,ingest] [--rounds 3] [--handbook DUMPS...] [--folder .benchmarks]
python scripts/benchmark.py --write-page      (docs/speed.md from reports/benchmarks.json; nothing is measured)

Every pair runs in turn, each side in a fresh process, so that what else the machine does touches both; what counts is
the median of the ratios. Without dumps of the handbook a simulated data set of the same kind and size is used. Inputs
are made once, in the folder. Lines that are not measured this time stay in reports/benchmarks.json as they were.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS, PAGE = ROOT / "reports" / "benchmarks.json", ROOT / "docs" / "speed.md"
CORES = 2


def main() -> None:
    """Measure what is asked for, print the table, write the file."""
    asked = arguments()
    if asked.write_page:
        write_page(json.loads(asked.out.read_text(encoding="utf-8")))
        return
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    os.environ.pop("OMP_NUM_THREADS", None)  # each side says how many threads it uses
    from bench.inputs import dumps_of
    from bench.works import WORKS, Bench

    asked.folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(folder=asked.folder, dumps=dumps_of(asked.folder, asked.handbook), say=say, rounds=asked.rounds)
    data = "handbook" if asked.handbook else "simulated like the handbook"
    for name in asked.only or list(WORKS):
        if name not in WORKS:
            raise SystemExit(f"benchmark: unknown work {name!r}; known are {', '.join(WORKS)}")
        keep([asdict(row) | {"data": data, "key": name} for row in WORKS[name](bench)], asked.out)
    sys.stdout.write(table(json.loads(asked.out.read_text(encoding="utf-8"))) + "\n")


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), help="works, separated by commas; else all")
    parser.add_argument("--rounds", type=int, help="of every pair; else each work's own number")
    parser.add_argument("--handbook", nargs="+", default=[], metavar="DUMP", help="the handbook's six dumps")
    parser.add_argument("--folder", type=Path, default=ROOT / ".benchmarks", help="where inputs are made and kept")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the figures go")
    parser.add_argument("--write-page", action="store_true", help="only write docs/speed.md anew")
    return parser.parse_args()


def say(line: str) -> None:
    """Progress, so that long work is seen to go on."""
    sys.stderr.write(f"{line}\n")


def keep(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Put new figures in the place of the old ones of the same work."""
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    measured = {row["key"] for row in rows}
    path.parent.mkdir(parents=True, exist_ok=True)
    merged = [*(row for row in old if row["key"] not in measured), *rows]
    path.write_text(json.dumps(merged, indent=1) + "\n", encoding="utf-8")


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The figures as a Markdown table."""
    lines = ["| work | against | ratio | spread | target | | ours | theirs |", "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        wanted = row["at_least"]
        target = "" if wanted is None else f"{wanted:.3g}"
        verdict = "" if wanted is None else "met" if row["ratio"] >= wanted else "**missed**"
        ratio, spread = f"{row['ratio']:.3g} {row['unit']}", f"{row['low']:.3g} to {row['high']:.3g}"
        cells = (row["work"], row["against"], ratio, spread, target, verdict, row["ours"], row["theirs"])
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def write_page(rows: Sequence[Mapping[str, Any]]) -> None:
    """Put the table between the markers of docs/speed.md."""
    from write_results import replace

    replace(PAGE, "measured", table(rows))


if __name__ == "__main__":
    main()
