"""Each screening list's page with 1,000,000 rows against the same page with 10,000, first page and deep.

One list at a time, in two databases on one server; pages are asked for in turn by every role that reads the list: city,
district, compound, hub team. `ROWS` changes the larger number, `LISTS` (words of the command line, by commas) chooses
lists.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.harness import report

ROWS = int(os.environ.get("ROWS", "1000000"))
FEW = int(os.environ.get("FEW", "10000"))
CHOSEN = [word for word in os.environ.get("LISTS", "").split(",") if word]
PEOPLE = 400  # lists ask about people
REACH = "<= 1.2"


def main() -> None:
    """Fill, ask in turn, print a measure for each list."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        os.environ["DATA_DIR"] = name
        from app.domain.roles import Role
        from app.services.lists import LISTS
        from bench.bench_lists import COMPOUNDS, FEW_COMPOUNDS, Pages
        from tests.postgres import drop, postgres_url

        urls = postgres_url(), postgres_url()
        few, many = (
            Pages(url, people=PEOPLE, compounds=compounds, folder=Path(name), others=[Role.FLIGHT_TEAM])
            for url, compounds in zip(urls, (FEW_COMPOUNDS, COMPOUNDS), strict=True)
        )
        for declared in LISTS:
            if not CHOSEN or set(CHOSEN) & set(declared.keys):
                measure(few, many, declared)
        for url in urls:
            drop(url)


def measure(few: Any, many: Any, declared: Any) -> None:
    """Print the ratio of each page, and the worst of them as the list's measure."""
    from bench.listed import refill

    address, found = f"/screening/{declared.key}/", dict[str, float]()
    started = time.perf_counter()
    for pages, count in ((few, FEW), (many, ROWS)):
        refill(pages.app, declared, count)
    print(f"{address} is filled after {time.perf_counter() - started:.0f} s", flush=True)
    for role in (name for name in few.clients if name in {role.name for role in declared.users}):
        small, large, depth = deep(few.clients[role], many.clients[role], address)
        found[f"{role.lower()}, first"] = ratio(few, many, role, (address, address))
        if depth:
            found[f"{role.lower()}, {depth} pages deep"] = ratio(few, many, role, (small, large))
    worst = max(found, key=lambda key: found[key])
    work, against = f"{address} with {ROWS:,} rows", f"the same with {FEW:,} rows"
    report(work=work, compared_with=against, ratio=found[worst], reach=REACH, note=f"the worst: {worst}")


def ratio(few: Any, many: Any, role: str, addresses: tuple[str, str]) -> float:
    """How many times as long the page of the many takes as that of the few: middle times, asked for in turn."""
    from bench.bench_lists import _TURNS

    asked = [(few.seconds(role, addresses[0]), many.seconds(role, addresses[1])) for _ in _TURNS][2:]
    small, large = (median(side) * 1000 for side in zip(*asked, strict=True))
    print(
        f"{addresses[0][:40]} {role}: {small:.1f} ms, {large:.1f} ms, ratio {large / small:.2f} ({REACH})", flush=True
    )
    return large / small


def deep(small: Any, large: Any, address: str) -> tuple[str, str, int]:
    """The addresses as many clicks on 「下一页」 lead to as both lists have, and how many that were."""
    from bench.bench_lists import PAGES_DEEP, next_page

    found = address, address
    for depth in range(PAGES_DEEP):
        following = next_page(small, found[0]), next_page(large, found[1])
        if following[0] is None or following[1] is None:
            return *found, depth
        found = following
    return *found, PAGES_DEEP


if __name__ == "__main__":
    main()
