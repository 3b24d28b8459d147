"""Dates as operators' sheets hold them: real dates, 20200407, 2020-04-07, 2020/04/07 06:12, serials (issue 1.4)."""

from datetime import date, datetime, timedelta
from typing import Any

from app.domain.errors import DomainError
from app.domain.labels import N_
from app.spreadsheets.cells import cleaned

# Sheets hold local times without a zone; whoever stores them knows the region's.
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - sheets know no zone
FIRST_YEAR, LAST_YEAR = 1900, 2199
SERIALS = range(1, 109_575)  # up to the end of 2199
COMPACT_DAYS = range(FIRST_YEAR * 10_000, (LAST_YEAR + 1) * 10_000)
SEPARATORS = str.maketrans(
    {"/": "-", ".": "-", "年": "-", "月": "-", "日": " ", "T": " ", "时": ":", "分": ":", "秒": " "}
)
DATE_PARTS, MINUTES_AND_HOURS, TIME_PARTS = 3, 2, 3
DAY_DIGITS, MINUTE_DIGITS, SECOND_DIGITS = 8, 12, 14


def read_date(cell: Any) -> date:
    """The calendar day in a cell; DomainError `date` when there is none."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    return _moment(cell).date()


def read_datetime(cell: Any) -> datetime:
    """The local moment in a cell, midnight where only a day is given; DomainError `date` when there is none."""
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - sheets know no zone
    return _moment(cell)


def _moment(cell: Any) -> datetime:
    try:
        found = _from_text(cleaned(cell)) if isinstance(cell, str) else _from_number(cell)
    except (ValueError, OverflowError):
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise DomainError(N_("日期不存在或写法不对，应如 2020-04-07"), code="date")
    return found


def _from_number(cell: float) -> datetime | None:
    whole = int(cell)
    if whole in SERIALS:
        # Rounded to the second: 0.2583333 of a day is 06:12:00, not 06:11:59.999
        return EPOCH + timedelta(days=whole, seconds=round((cell - whole) * 86_400))
    return _from_digits(str(whole)) if cell == whole else None


def _from_digits(found: str) -> datetime | None:
    if len(found) not in (DAY_DIGITS, MINUTE_DIGITS, SECOND_DIGITS):
        return None
    pairs = [int(found[at : at + 2]) for at in range(4, len(found), 2)]
    return datetime(int(found[:4]), *pairs)  # type: ignore[arg-type]  # noqa: DTZ001 - sheets know no zone


def _from_text(found: str) -> datetime | None:
    if found.isdigit():
        return _from_number(int(found)) if len(found) <= DAY_DIGITS else _from_digits(found)
    if found.endswith(".0") and found[:-2].isdigit():
        return _from_number(int(found[:-2]))
    day, _, rest = found.translate(SEPARATORS).partition(" ")
    parts = day.rstrip("-").split("-")
    if len(parts) != DATE_PARTS or len(parts[0]) != len("2020"):
        return None
    return datetime(int(parts[0]), int(parts[1]), int(parts[2]), *_time_of(rest))  # type: ignore[arg-type]  # noqa: DTZ001 - sheets know no zone


def _time_of(rest: str) -> list[int]:
    rest = rest.strip().rstrip(":").removesuffix("Z")
    if not rest:
        return []
    # '.' became '-' above: a fraction of a second is cut off with what follows it.
    parts = [int(part) for part in rest.split("-")[0].strip().split(":")]
    if not 1 < len(parts) <= TIME_PARTS:
        raise ValueError(rest)
    return parts
