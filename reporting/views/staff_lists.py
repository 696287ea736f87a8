"""Lists that every page of the staff shows and that change a few times a year."""

from home.models import District
from home.remembered import remembered
from reporting.models import Category, CoordinationCentre


@remembered(Category, seconds=10)
def categories() -> list[Category]:
    """All categories, retired ones too: reports carry them."""
    return list(Category.objects.all())


@remembered(CoordinationCentre, District, seconds=10)
def centres() -> list[CoordinationCentre]:
    """All centres with their districts."""
    return list(CoordinationCentre.objects.select_related("district"))
