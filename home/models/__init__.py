from .changes import PublicChange
from .pages import HomePage, LastingPage, PublicPage, StandardPage
from .people import User
from .places import Counterpart, Crossing, District, Province, Subdistrict
from .settings import SiteSettings

__all__ = [
    "Counterpart",
    "Crossing",
    "District",
    "HomePage",
    "LastingPage",
    "Province",
    "PublicChange",
    "PublicPage",
    "SiteSettings",
    "StandardPage",
    "Subdistrict",
    "User",
]
