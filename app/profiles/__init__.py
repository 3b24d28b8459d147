"""Region profiles: what differs between regions is data."""

from app.domain.areas import area_level
from app.domain.labels import Text
from app.profiles.area_records import AreaRecord, district_names, districts, load_areas
from app.profiles.health import Ground, HealthPolicy
from app.profiles.loading import load_profile, profile_names
from app.profiles.model import GuardHints, Pledge, Profile, ScanPage
from app.profiles.reading import ProfileError

__all__ = [
    "AreaRecord",
    "Ground",
    "GuardHints",
    "HealthPolicy",
    "Pledge",
    "Profile",
    "ProfileError",
    "ScanPage",
    "Text",
    "area_level",
    "district_names",
    "districts",
    "load_areas",
    "load_profile",
    "profile_names",
]
