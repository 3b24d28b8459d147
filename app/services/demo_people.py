"""The residents of the demo city and their scans: the same every time, only the dates follow today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from app.clock import local_date
from app.domain.documents import DocumentType, check_character
from app.domain.quarantine import Color, is_breach
from app.domain.returns import assess
from app.models import (
    Account,
    EntryOutcome,
    EntryRecord,
    EntrySource,
    Person,
    Registration,
    Residency,
    Venue,
)
from app.models.encryption import document_index, phone_index
from app.models.entry import entry_id_floor
from app.profiles import Profile
from app.services.demo_content import GIVEN_NAMES, SURNAMES, VENUES, Story, story_of

_SEED = 20200708
_DAYS_OF_ENTRIES = 7
_FIRST_HOUR, _LAST_HOUR = 6, 22
_ENDED_EVERY = 29
_BREACH_EVERY = 3
_ELDER_BORN_BEFORE, _CHILD_BORN_AFTER = 1955, 2010
_GOES_OUT = 0.85
_ENTRY_ID_BITS = 22


@dataclass
class DemoCity:
    """Makes the rows; nothing is written here, the caller adds them to its session."""

    profile: Profile
    moment: datetime
    random: Random = field(default_factory=lambda: Random(_SEED))  # noqa: S311 - repeatable on purpose

    @property
    def today(self) -> date:
        return local_date(self.moment, self.profile.zone)

    def residents(self, venues: Sequence[Venue]) -> list[Residency]:
        """Return the ties of everybody to their compound, with person and form."""
        ties: list[Residency] = []
        for venue, plan in zip(venues, VENUES, strict=True):
            for _ in range(plan.residents):
                ties.append(self._resident(len(ties), venue))
        return ties

    def _resident(self, number: int, venue: Venue) -> Residency:
        story = story_of(number)
        registered = self._registered_at(story, number)
        person = self._person(number, registered)
        form = self._form(person, venue, story, registered)
        assessment = assess(self.profile.quarantine, form.declaration, local_date(registered, self.profile.zone))
        reason = story.release_reason or (assessment.reason if story.days is not None else None)
        tie = Residency(
            person=person,
            venue=venue,
            registration=form,
            area_code=venue.area_code,
            status=story.status,
            quarantine_since=assessment.since,
            is_key_area=assessment.is_key_area,
            status_reason=reason,
            has_health_certificate=story.has_health_certificate,
            created_at=registered,
            updated_at=registered,
        )
        if number % _ENDED_EVERY == _ENDED_EVERY - 1:
            tie.ended_at, tie.ended_remark = self.moment - timedelta(days=2), "已搬离"
        return tie

    def _registered_at(self, story: Story, number: int) -> datetime:
        days = 20 + number % 10 if story.days is None else story.days
        return min(self._moment(self.today - timedelta(days=days)), self.moment)

    def _moment(self, day: date) -> datetime:
        clock_time = time(
            self.random.randrange(_FIRST_HOUR, _LAST_HOUR), self.random.randrange(60), self.random.randrange(60)
        )
        return datetime.combine(day, clock_time, tzinfo=self.profile.zone)

    def _person(self, number: int, registered: datetime) -> Person:
        name = self.random.choice(SURNAMES) + self.random.choice(GIVEN_NAMES)
        born = date(1940, 1, 1) + timedelta(days=self.random.randrange(75 * 365))
        body = f"{VENUES[number % len(VENUES)].area_code[:6]}{born:%Y%m%d}{900 + number % 100}"
        document = body + check_character(body)
        phone = f"139{number + 1:08d}"
        return Person(
            name=name,
            document_type=DocumentType.ID_CARD,
            document_number=document,
            document_index=document_index(DocumentType.ID_CARD.name, document),
            phone=phone,
            phone_index=phone_index(phone),
            created_at=registered,
            updated_at=registered,
        )

    def _form(self, person: Person, venue: Venue, story: Story, registered: datetime) -> Registration:
        building, unit, room = self.random.randint(1, 12), self.random.randint(1, 3), self.random.randint(1, 6)
        is_back = story.days is not None
        return Registration(
            person=person,
            venue=venue,
            area_code=venue.area_code,
            created_at=registered,
            name=person.name,
            address=f"{venue.name}{building}号楼{unit}单元{room}0{self.random.randint(1, 4)}室",
            plate=f"豫A{self.random.randint(10000, 99999)}" if self.random.random() < 0.3 else None,  # noqa: PLR2004 - three in ten
            is_returnee=is_back,
            arrival_date=self.today - timedelta(days=story.days) if story.days is not None else None,
            transport=story.transport if is_back else None,
            is_from_abroad=story.country is not None,
            origin_area_code=story.origin,
            origin_country=story.country,
            quarantine_method=story.method if is_back else None,
        )

    # -- a week of scans ------------------------------------------------------------------------------------------

    def entries(self, ties: Sequence[Residency], venues: Sequence[Venue], clerk: Account) -> list[EntryRecord]:
        """Return what the gates recorded in the last days, paper forms and refusals among it, newest last."""
        found = [entry for number, tie in enumerate(ties) for entry in self._entries_of(number, tie)]
        found += self._visits(ties, venues)
        for entry in found:
            if self._is_by_hand(entry):
                entry.source, entry.recorded_by_id = EntrySource.MANUAL, clerk.id
        return sorted(found, key=lambda entry: entry.recorded_at)

    def _is_by_hand(self, entry: EntryRecord) -> bool:
        """Elders and children without a phone come on paper, at the first compound, once in a while."""
        born = int(entry.person.document_number[6:10])
        is_without_phone = born < _ELDER_BORN_BEFORE or born > _CHILD_BORN_AFTER
        return entry.venue.name == VENUES[0].name and is_without_phone and entry.id % 2 == 0

    def _entries_of(self, number: int, tie: Residency) -> Iterator[EntryRecord]:
        first = local_date(tie.created_at, self.profile.zone)
        yield self._entry(tie, tie.venue, tie.created_at)
        for back in range(_DAYS_OF_ENTRIES - 1, -1, -1):
            day = self.today - timedelta(days=back)
            if day <= first or (tie.ended_at and day >= local_date(tie.ended_at, self.profile.zone)):
                continue
            for _ in range(self._outings(number, tie, back)):
                moment = self._moment(day)
                if moment < self.moment:
                    yield self._entry(tie, tie.venue, moment)

    def _outings(self, number: int, tie: Residency, days_back: int) -> int:
        if tie.color_on(self.today, self.profile.quarantine) is Color.GREEN:
            return self.random.choice((1, 2, 2)) if self.random.random() < _GOES_OUT else 0
        is_outing = is_breach(tie.status) and number % _BREACH_EVERY == 0 and days_back == 1
        return int(is_outing)

    def _visits(self, ties: Sequence[Residency], venues: Sequence[Venue]) -> Iterator[EntryRecord]:
        """Some tried another compound and were refused; some were tested, which refuses nobody (D4)."""
        green = [
            tie for tie in ties if tie.color_on(self.today, self.profile.quarantine) is Color.GREEN and tie.is_active
        ]
        for number, tie in enumerate(green[::6]):
            moment = self._moment(self.today - timedelta(days=1 + number % (_DAYS_OF_ENTRIES - 1)))
            if moment > tie.created_at:
                yield self._entry(tie, venues[number % len(venues)], moment)

    def _entry(self, tie: Residency, venue: Venue, moment: datetime) -> EntryRecord:
        color = tie.color_on(local_date(moment, self.profile.zone), self.profile.quarantine)
        is_stranger = venue.kind.binds and venue is not tie.venue
        is_first = moment == tie.created_at
        return EntryRecord(
            id=entry_id_floor(moment) | self.random.getrandbits(_ENTRY_ID_BITS),
            recorded_at=moment,
            venue=venue,
            area_code=venue.area_code,
            person=tie.person,
            registration=tie.registration,
            source=EntrySource.SCAN,
            outcome=EntryOutcome.REFUSED if is_stranger else EntryOutcome.ADMITTED,
            color=color,
            is_key_area=tie.is_key_area and color is not Color.GREEN,
            is_breach=venue.kind.binds and is_breach(tie.status) and not is_first,
        )
