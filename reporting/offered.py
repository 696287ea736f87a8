"""What the public form offers: read once, and kept until somebody changes it (home.changes)."""

from dataclasses import dataclass

from home import changes
from home.models import District, Subdistrict
from reporting.models import Category


@dataclass(frozen=True)
class Offered:
    """Categories and places by code, in the order of the form. Shared: nobody may change it."""

    categories: dict[str, Category]
    districts: dict[str, District]
    subdistricts: dict[str, Subdistrict]


@changes.until_changed
def offered() -> Offered:
    """What a reporter may choose from, as of a second ago at most."""
    districts = (
        District.objects.active().select_related("province").order_by("province__code", "code")
    )
    by_pk = {district.pk: district for district in districts}
    subdistricts = {}
    for row in Subdistrict.objects.filter(district__is_active=True):
        if district := by_pk.get(row.district_id):
            row.district = district  # the one at hand spares a query for each
            subdistricts[row.code] = row
    return Offered(
        categories={row.code: row for row in Category.objects.offered()},
        districts={row.code: row for row in by_pk.values()},
        subdistricts=subdistricts,
    )
