"""Each screening list's page with 1,000,000 rows against the same page with 10,000, first page and deep.

One list at a time, in two databases on one server; pages are asked for in turn. `ROWS` changes the larger number,
`LISTS` (words of the command line, by commas) chooses lists.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from bench.harness import report

ROWS = int(os.environ.get("ROWS", "1000000"))
FEW = int(os.environ.get("FEW", "10000"))
CHOSEN = [word for word in os.environ.get("LISTS", "").split(",") if word]
PEOPLE, COMPOUNDS = 400, 16  # lists ask about people; compounds are what some lists go by
REACH = "<= 1.2"


def main() -> None:
    """Fill, ask in turn, print a measure for each list."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        os.environ["DATA_DIR"] = name
        from app.services.lists import LISTS
        from bench.bench_lists import Pages
        from bench.listed import empty, fill
        from tests.postgres import drop, postgres_url

        urls = postgres_url(), postgres_url()
        few, many = (Pages(url, people=PEOPLE, compounds=COMPOUNDS, folder=Path(name)) for url in urls)
        for declared in LISTS:
            if CHOSEN and not set(CHOSEN) & set(declared.keys):
                continue
            for pages, count in ((few, FEW), (many, ROWS)):
                empty(pages.app)
                fill(pages.app, declared, count)
            measure(few, many, declared)
        for url in urls:
            drop(url)


def measure(few: Any, many: Any, declared: Any) -> None:
    """The worst ratio of the list's pages, over the roles that read it."""
    from statistics import median

    from bench.bench_lists import _TURNS, deep, roles

    address, found = f"/screening/{declared.key}/", dict[str, float]()
    for role in (role.name for role in roles() if role in declared.users):
        pages = {
            "first": (address, address),
            "deep": (deep(few.clients[role], address), deep(many.clients[role], address)),
        }
        for page, (small, large) in pages.items():
            asked = [(few.seconds(role, small), many.seconds(role, large)) for _ in _TURNS][2:]
            medians = [median(side) * 1000 for side in zip(*asked, strict=True)]
            found[f"{role.lower()}, {page}"] = medians[1] / medians[0]
            print(f"{address} {role} {page}: {medians[0]:.1f} ms, {medians[1]:.1f} ms", flush=True)
    worst = max(found, key=lambda key: found[key])
    work, against = f"{address} with {ROWS:,} rows", f"the same with {FEW:,} rows"
    report(work=work, compared_with=against, ratio=found[worst], reach=REACH, note=f"the worst: {worst}")


if __name__ == "__main__":
    main()
