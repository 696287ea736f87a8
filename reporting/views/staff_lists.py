"""Lists that every page of the staff shows and that change a few times a year."""

from home.models import District
from home.remembered import remembered
from reporting.models import Category, CoordinationCentre, Report


@remembered(Category, seconds=10)
def categories() -> dict[int, Category]:
    """All categories by id, in the editors' order; retired ones too: reports carry them."""
    return {category.pk: category for category in Category.objects.all()}


@remembered(CoordinationCentre, District, seconds=10)
def centres() -> dict[int, CoordinationCentre]:
    """All centres by id, with their districts."""
    centres = CoordinationCentre.objects.select_related("district")
    return {centre.pk: centre for centre in centres}


def category_of(report: Report) -> Category | None:
    """A report's category, without a query unless another process added it seconds ago."""
    return categories().get(report.category_id or 0) or report.category


def centre_of(report: Report) -> CoordinationCentre | None:
    """A report's centre, in the same way."""
    return centres().get(report.centre_id or 0) or report.centre
