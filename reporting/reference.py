"""Categories, partner agencies and centres, loaded beside the places they belong to."""

from home.models import District
from home.reference import load_row, rows
from reporting.models import Agency, Category, CoordinationCentre

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


# Code: Thai, English. In the order in which officers are offered them.
AGENCIES = {
    "police": ("ตำรวจ", "police"),
    "immigration": ("สำนักงานตรวจคนเข้าเมือง (ตม.)", "Immigration Bureau"),
    "border_patrol": ("ตำรวจตระเวนชายแดน (ตชด.)", "Border Patrol Police"),
    "navy": (
        "หน่วยเรือรักษาความสงบเรียบร้อยตามลำแม่น้ำโขง (นรข.)",
        "Mekong Riverine Unit of the navy",
    ),
    "customs": ("ศุลกากร", "customs"),
    "oncb": (
        "สำนักงานคณะกรรมการป้องกันและปราบปรามยาเสพติด (ป.ป.ส.)",
        "Office of the Narcotics Control Board",
    ),
    "social": ("หน่วยงานด้านสังคม", "social services"),
}


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


def load_agencies() -> None:
    """The partner agencies of the project, over what HQ may have edited since."""
    for position, (code, (name_th, name_en)) in enumerate(AGENCIES.items()):
        load_row(
            Agency,
            {"code": code},
            {"name_th": name_th, "name_en": name_en, "sort_order": position * 10},
        )


def load_centres() -> None:
    """A coordination centre for every district that has none."""
    for district in District.objects.filter(centre=None):
        CoordinationCentre.objects.create(district=district)
