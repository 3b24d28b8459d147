"""Region profiles: what differs between regions is data."""

from app.domain.areas import area_level
from app.profiles.area_records import AreaRecord, district_names, districts, load_areas
from app.profiles.loading import load_profile, profile_names
from app.profiles.model import GuardHints, Pledge, Profile, ScanPage, Text
from app.profiles.reading import ProfileError

__all__ = [
    "AreaRecord",
    "GuardHints",
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
