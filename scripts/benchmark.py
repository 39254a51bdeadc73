"""Speed and memory beside what else people use, side by side: `make bench`.

python scripts/benchmark.py [--only features,ingest] [--rounds 3] [--handbook DUMPS...] [--folder .benchmarks]
python scripts/benchmark.py --write-page      (docs/speed.md from reports/benchmarks.json; nothing is measured)
python scripts/benchmark.py --tiny --folder DIR      (a minute: shows that everything runs, not how fast it is)

Every pair runs in turn, each side in a fresh process, so that what else the machine does touches both; what counts is
the median of the ratios. Without dumps of the handbook a simulated data set of the same kind and size is used. Inputs
are made once, in the folder. Lines that are not measured this time stay in reports/benchmarks.json as they were.

Takes about an hour on two quiet cores, and 12 GiB of memory for ``growth``; ``startup`` takes seconds. Needs
the extra: pip install -e ".[bench]"
"""

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import markdown
from bench.command_line import ROOT, keep_to, parser_of, progress, show, write_json

RESULTS, PAGE = ROOT / "reports" / "benchmarks.json", ROOT / "docs" / "speed.md"
HEADINGS = ("work", "against", "ratio", "spread", "target", "", "ours", "theirs")
CORES = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is requested, print the table, write the file."""
    args = parsed(arguments)
    if args.write_page:
        write_page(json.loads(args.out.read_text(encoding="utf-8")))
        return
    keep_to(CORES)
    os.environ.pop("OMP_NUM_THREADS", None)  # each side sets how many threads it uses
    from bench.inputs import dumps_of
    from bench.sizes import TINY, Sizes
    from bench.works import WORKS, Setup

    (TINY if args.tiny else Sizes()).keep_in(args.folder)
    setup = Setup(folder=args.folder, dumps=dumps_of(args.folder, args.handbook), progress=progress, rounds=args.rounds)
    data = "handbook" if args.handbook else "simulated like the handbook"
    for name in args.only or list(WORKS):
        if name not in WORKS:
            raise SystemExit(f"benchmark: unknown work {name!r}; known are {', '.join(WORKS)}")
        keep([asdict(row) | {"data": data, "key": name} for row in WORKS[name](setup)], args.out)
    show(table(json.loads(args.out.read_text(encoding="utf-8"))))


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options; with ``--tiny`` the figures stay beside the inputs unless ``--out`` names a file."""
    parser = parser_of(__doc__)
    parser.add_argument("--only", type=lambda text: text.split(","), help="works, separated by commas; else all")
    parser.add_argument("--rounds", type=int, help="of every pair; else each work's own number")
    parser.add_argument("--handbook", nargs="+", default=[], metavar="DUMP", help="the handbook's six dumps")
    parser.add_argument("--folder", type=Path, default=ROOT / ".benchmarks", help="where inputs are made and kept")
    parser.add_argument("--out", type=Path, help="where the figures go; left out: reports/benchmarks.json")
    parser.add_argument("--tiny", action="store_true", help="inputs of a few thousand rows")
    parser.add_argument("--write-page", action="store_true", help="only write docs/speed.md anew")
    args = parser.parse_args(arguments)
    args.out = args.out or (args.folder / "benchmarks.json" if args.tiny else RESULTS)
    return args


def keep(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Replace the old figures of the same work by new ones."""
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    measured = {row["key"] for row in rows}
    write_json([*(row for row in old if row["key"] not in measured), *rows], path)


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The figures as a Markdown table."""
    return markdown.table(HEADINGS, map(_cells, rows))


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    target = row["at_least"]
    verdict = "" if target is None else "met" if row["ratio"] >= target else "**missed**"
    ratio, spread = f"{row['ratio']:.3g} {row['unit']}", f"{row['low']:.3g} to {row['high']:.3g}"
    shown = "" if target is None else f"{target:.3g}"
    return row["work"], row["against"], ratio, spread, shown, verdict, row["ours"], row["theirs"]


def write_page(rows: Sequence[Mapping[str, Any]]) -> None:
    """Put the table between the markers of docs/speed.md."""
    markdown.replace_between(PAGE, "measured", table(rows))


if __name__ == "__main__":
    main()
