"""What differs between regions, as types; the data are in the .yaml files beside this one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from app.domain.attention import AttentionPolicy
from app.domain.colors import Color
from app.domain.dispatch import StationPolicy
from app.domain.labels import Text
from app.domain.relatives import HealthQuestion, RelationRule
from app.domain.returns import QuarantineMethod, QuarantinePolicy, Transport
from app.domain.risk import PublishedKey
from app.domain.venues import VenueKind
from app.profiles.health import HealthPolicy


@dataclass(frozen=True)
class ScanPage:
    """The head of a public page, and the name under which it shows the one pledge (D7)."""

    title: Text
    lead: Text
    pledge_title: Text


@dataclass(frozen=True)
class Pledge:
    """The text to which a form's tick consents; `version` is kept with the consent."""

    version: str
    paragraphs: tuple[Text, ...]


@dataclass(frozen=True)
class GuardHints:
    """What the result page tells the guard (Z-S9)."""

    by_color: Mapping[Color, Text]
    key_area: Text
    refused: Text
    refused_advice: Text
    temperature: Text


@dataclass(frozen=True)
class OwnArea:
    """A functional area that the official codes do not have, made of streets that they put elsewhere."""

    code: str
    name: str
    streets: tuple[str, ...] = ()


@dataclass(frozen=True)
class AreaSources:
    """Files in areas/, our own areas, and the names by which sheets call an area, by (our) code."""

    country_file: str
    city_file: str
    own_areas: tuple[OwnArea, ...] = ()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class CodePolicy:
    """A health code's page, how its form asks for the address, what each colour obliges to (Z-H3), and how codes are
    checked (X6).

    A code at two places within the window is flagged; sightings go after hours. A new signing key is published so many
    hours before it signs, so that those who check without a network know it.
    """

    page: ScanPage
    residence_label: Text
    hints: Mapping[Color, Text]
    sighting_window_seconds: int
    sightings_kept_hours: int
    key_lead_hours: int
    lookups_a_minute: int
    lookups_a_day: int
    double_sightings_kept_days: int = 30


@dataclass(frozen=True)
class RelativesPolicy:
    """Codes for relatives (F-P4): the form's page, questions and pledge, for how many of whom, and how many text messages
    to relatives' phones one person may ask for in a day.
    """

    page: ScanPage
    pledge: Pledge
    most: int
    relations: tuple[RelationRule, ...]
    questions: tuple[HealthQuestion, ...]
    messages_a_day: int = 20


@dataclass(frozen=True)
class RiskAreaSources:
    """How the official risk-area file calls its levels, and names of areas that only such files use, by code.

    `must_wait`: an official file counts only when a second person has seen it, as what is entered by hand does. Nobody
    can tell a forged file from a true one, and it colours whoever comes from there tomorrow, though nobody today (X3).
    """

    published: tuple[PublishedKey, ...]
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    must_wait: bool = True


@dataclass(frozen=True, eq=False)
class Profile:
    """A region. Loaded once, so one object stands for one profile and compares by identity."""

    name: str
    region_name: Text
    province_name: Text
    area_code: str
    time_zone: str
    app_name: Text
    issuer: Text
    quarantine: QuarantinePolicy
    stations: StationPolicy
    attention: AttentionPolicy
    passing_colors: tuple[Color, ...]
    abnormal_colors: tuple[Color, ...]
    transports: tuple[Transport, ...]
    quarantine_methods: tuple[QuarantineMethod, ...]
    guard_hints: GuardHints
    pledge: Pledge
    saved_identities: ScanPage
    pages: Mapping[VenueKind, ScanPage]
    areas: AreaSources
    codes: CodePolicy
    risk_areas: RiskAreaSources
    health: HealthPolicy
    # A page that was opened longer ago than this is not of somebody who stands at the poster (Z46).
    remote_after_minutes: int = 10
    # What the region says where the manual's Chinese texts name its own city; the manual's city says nothing here.
    words: Mapping[str, str] = field(default_factory=dict)
    # None where nobody applies for relatives.
    relatives: RelativesPolicy | None = None

    @cached_property
    def zone(self) -> ZoneInfo:
        """The region's time zone, for `app.clock`."""
        return ZoneInfo(self.time_zone)

    @cached_property
    def worst_color(self) -> Color:
        """The strictest of the region's colours: an alarm's, and of a colour that has no words of its own yet."""
        return Color.worst(self.abnormal_colors)

    def may_pass(self, color: Color) -> bool:
        """Whether this colour passes the gate (D3)."""
        return color in self.passing_colors

    def page(self, kind: VenueKind) -> ScanPage:
        """The page of a venue of `kind`."""
        return self.pages[kind]
