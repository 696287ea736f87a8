"""The agencies that stood in the code until now, for the referrals that name them.

`load_reference_data` keeps them up to date from here on (reporting/reference.py).
"""

from django.db import migrations

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


def fill(apps, schema_editor):
    agency = apps.get_model("reporting", "Agency")
    for position, (code, (name_th, name_en)) in enumerate(AGENCIES.items()):
        values = {"name_th": name_th, "name_en": name_en, "sort_order": position * 10}
        agency.objects.get_or_create(
            code=code, defaults={**values, "reference_values": {**values, "code": code}}
        )


def empty(apps, schema_editor):
    apps.get_model("reporting", "Agency").objects.filter(code__in=AGENCIES).delete()


class Migration(migrations.Migration):
    dependencies = [("reporting", "0020_agencies")]

    operations = [migrations.RunPython(fill, empty)]
