"""The one clock: moments are UTC, days are the region's calendar days (D14)."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

_HOUR = timedelta(hours=1)
# Whatever day somebody types, in every zone it begins and ends within the years that a computer knows.
_FIRST, _LAST = date(2, 1, 1), date(9998, 12, 30)


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def local_date(moment: datetime, zone: tzinfo) -> date:
    """The calendar day of an aware `moment` in `zone`."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone has no day")
    return moment.astimezone(zone).date()


def day_bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first moment of `day` in `zone` and that of the next day, both in UTC: start <= t < end."""
    day = min(max(day, _FIRST), _LAST)
    return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def hour_bounds(moment: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The hour of `moment`, counted from the midnight of its day in `zone`, both ends in UTC: start <= t < end.

    An hour never reaches into another day, also where clocks are half an hour off or are put back by one.
    """
    midnight, following = day_bounds(local_date(moment, zone), zone)
    start = midnight + (moment - midnight) // _HOUR * _HOUR
    return start, min(start + _HOUR, following)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
