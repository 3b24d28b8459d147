"""Runs every bench/bench_*.py, one after the other, and prints their ratios as one table.

A benchmark is a script that prints one JSON object a line for each of its measures:
`{"work": …, "compared_with": …, "ratio": 0.47, "reach": ">= 0.45", "note": …}`; whatever else it prints is passed on.
Arguments choose by name: `bench/run.py import export`. `--strict` makes a measure that was not reached a failure.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Measure:
    """One line of the table; reach is "<= 1.2" or ">= 0.45"."""

    work: str
    compared_with: str
    ratio: float
    reach: str
    note: str = ""

    @property
    def is_reached(self) -> bool:
        """Whether the ratio is on the right side of its mark."""
        sign, _, mark = self.reach.partition(" ")
        return self.ratio >= float(mark) if sign == ">=" else self.ratio <= float(mark)


def main(words: list[str]) -> int:
    """Prints the table; returns 1 where a benchmark broke, or with --strict where a mark was missed."""
    chosen = [word for word in words if not word.startswith("-")]
    measures: list[Measure] = []
    broken = []
    for script in sorted(FOLDER.glob("bench_*.py")):
        if chosen and not any(word in script.stem for word in chosen):
            continue
        print(f"== {script.stem}", flush=True)
        found, status = run_script(script)
        measures += found
        if status:
            broken.append(script.stem)
    print(table(measures))
    if broken:
        print(f"Broken: {', '.join(broken)}", file=sys.stderr)
    missed = any(not measure.is_reached for measure in measures)
    return int(bool(broken) or ("--strict" in words and missed))


def run_script(script: Path) -> tuple[list[Measure], int]:
    """What one script measured, and its exit status."""
    environment = {**os.environ, "PYTHONPATH": str(FOLDER.parent)}
    process = subprocess.Popen(
        [sys.executable, str(script)], cwd=FOLDER.parent, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    measures = []
    for line in process.stdout:
        if line.startswith('{"work"'):
            measures.append(Measure(**json.loads(line)))
        else:
            print(line, end="", flush=True)
    return measures, process.wait()


def table(measures: list[Measure]) -> str:
    """The measures as a Markdown table, ready for docs/."""
    lines = ["", "| work | compared with | ratio | reach | reached | note |", "|---|---|---|---|---|---|"]
    for measure in measures:
        reached = "yes" if measure.is_reached else "no"
        cells = (measure.work, measure.compared_with, f"{measure.ratio:.3g}", measure.reach, reached, measure.note)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
