"""Categories and coordination centres, loaded beside the places they belong to."""

from home.models import District
from home.reference import load_row, rows
from reporting.models import Category, CoordinationCentre

# In the order of the form; serious ones need a countersignature to be closed.
SERIOUS = ("human_trafficking", "drug_trafficking", "people_smuggling")
CATEGORIES = (
    "human_trafficking",
    "drug_trafficking",
    "people_smuggling",
    "illegal_migration",
    "illegal_goods",
    "online_scam",
    "vehicle_smuggling",
    "illegal_logging",
    "something_else",
)


def load_categories() -> None:
    """The categories of the form, in the words of the glossary."""
    glossary = {row["term"]: row for row in rows("glossary.csv")}
    for position, code in enumerate(CATEGORIES):
        load_row(
            Category,
            {"code": code},
            {
                "name_th": glossary[code]["th"],
                "name_en": glossary[code]["en"][:1].upper() + glossary[code]["en"][1:],
                "name_lo": glossary[code]["lo"],
                "name_km": glossary[code]["km"],
                "is_serious": code in SERIOUS,
                "sort_order": position * 10,
            },
        )


def load_centres() -> None:
    """A coordination centre for every district that has none."""
    for district in District.objects.filter(centre=None):
        CoordinationCentre.objects.create(district=district)
