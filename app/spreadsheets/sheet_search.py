"""Which of a file's sheets hold the list, and their rows in the order of the first one's columns."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.spreadsheets.header import REASON_TITLE, TitleIndex, header_text, normal_title
from app.spreadsheets.limits import Limits, refusal
from app.spreadsheets.sources import Row, SheetSource

SHEET_STRIDE = 1 << 21  # rows of a second sheet are numbered from here, so that a number names one row of the file


def row_label(number: int) -> str:
    """A row's number as the importer knows it: of a second or later sheet with the sheet's place, as in 2!15."""
    sheet, row = divmod(number, SHEET_STRIDE)
    return f"{sheet + 1}!{row}" if sheet else str(row)


@dataclass(frozen=True)
class FoundSheet:
    """A sheet with the list's header: what its columns are called, where the known ones stand, its rows."""

    name: str
    number: int  # the header's row
    header: Sequence[str]
    positions: Mapping[str, int]
    rows: Iterator[Row]
    about: int  # how many rows, for progress


def found_sheets(sources: list[SheetSource], titles: TitleIndex, *, limits: Limits) -> Iterator[FoundSheet]:
    """Every sheet that has all of the expected columns; DomainError `no_header` names what the best one lacks."""
    first: FoundSheet | None = None
    best_missing: list[str] | None = None
    for place, source in enumerate(sources):
        about, opened = source.open()
        rows = _filled(opened)
        start = list(itertools.islice(rows, limits.header_rows))
        at, missing = _header_at(start, titles)
        if start and (best_missing is None or len(missing) < len(best_missing)):
            best_missing = missing
        if missing or not start:
            continue
        body = itertools.chain(start[at + 1 :], rows)
        if first is None:
            first = _first_sheet(source.name, start[at], body, titles, about)
            yield first
        else:
            yield _further_sheet(source.name, start[at], body, first, SHEET_STRIDE * place)
    if first is None:
        if best_missing is None:
            raise refusal("empty")
        raise refusal("no_header", missing="、".join(best_missing))


def _filled(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows that have something in them."""
    for row in rows:
        for cell in row[1]:
            if cell is not None and (type(cell) is not str or (cell and not cell.isspace())):
                yield row
                break


def _header_at(start: list[Row], titles: TitleIndex) -> tuple[int, list[str]]:
    """The row that names most of the columns, and the titles it lacks."""
    best, best_count, missing = 0, 0, titles.missing({})
    for at, (_, cells) in enumerate(start):
        positions = titles.positions(cells)
        if len(positions) > best_count:
            best, best_count, missing = at, len(positions), titles.missing(positions)
    return best, missing


def _first_sheet(name: str, titled: Row, body: Iterator[Row], titles: TitleIndex, about: int) -> FoundSheet:
    number, cells = titled
    kept = [i for i, cell in enumerate(cells) if normal_title(header_text(cell)) != REASON_TITLE]
    while kept and not header_text(cells[kept[-1]]):
        kept.pop()
    header = tuple(header_text(cells[i]) for i in kept)
    return FoundSheet(name, number, header, titles.positions(header), _picked(body, kept, 0), about)


def _further_sheet(name: str, titled: Row, body: Iterator[Row], first: FoundSheet, offset: int) -> FoundSheet:
    """Another sheet of the same list, its columns put in the first one's order; DomainError when they differ."""
    number, cells = titled
    place = {normal_title(header_text(cell)): i for i, cell in reversed(list(enumerate(cells)))}
    place.pop(REASON_TITLE, None)
    place.pop("", None)
    wanted = [normal_title(title) for title in first.header]
    if set(place) - set(wanted):
        raise refusal("several_headers", sheet=name, first=first.name)
    picked = [place.get(title, len(cells)) if title else len(cells) for title in wanted]
    return replace(first, name=name, number=number, rows=_picked(body, picked, offset))


def _picked(rows: Iterator[Row], columns: list[int], offset: int) -> Iterator[Row]:
    """The rows with these columns only; a row that ends early has None there."""
    for number, cells in rows:
        width = len(cells)
        yield number + offset, [cells[i] if i < width else None for i in columns]
