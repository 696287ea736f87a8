from .pages import HomePage, StandardPage
from .people import User
from .places import Counterpart, Crossing, District, Province, Subdistrict
from .settings import SiteSettings

__all__ = [
    "Counterpart",
    "Crossing",
    "District",
    "HomePage",
    "Province",
    "SiteSettings",
    "StandardPage",
    "Subdistrict",
    "User",
]
