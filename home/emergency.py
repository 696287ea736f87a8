"""The emergency numbers: a list in one JSON column, which editors see as rows with a field each."""

from copy import deepcopy
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.base import BlockField

NUMBERS = [
    {
        "number": "191",
        "th": "ตำรวจ เหตุด่วนเหตุร้าย",
        "en": "Police emergency",
        "lo": "ຕຳຫຼວດ ເຫດດ່ວນເຫດຮ້າຍ",
        "km": "ប៉ូលិស ករណីបន្ទាន់",
    },
    {
        "number": "1300",
        "th": "ศูนย์ช่วยเหลือสังคม รับแจ้งเรื่องค้ามนุษย์",
        "en": "Social Assistance Centre, human trafficking",
        "lo": "ສູນຊ່ວຍເຫຼືອສັງຄົມ ຮັບແຈ້ງເລື່ອງຄ້າມະນຸດ",
        "km": "មជ្ឈមណ្ឌលជំនួយសង្គម អំពីការជួញដូរមនុស្ស",
    },
    {
        "number": "1386",
        "th": "ป.ป.ส. รับแจ้งเรื่องยาเสพติด",
        "en": "Narcotics Control Board, drugs",
        "lo": "ສຳນັກງານປາບປາມຢາເສບຕິດ ຮັບແຈ້ງເລື່ອງຢາເສບຕິດ",
        "km": "ការិយាល័យបង្ក្រាបគ្រឿងញៀន អំពីគ្រឿងញៀន",
    },
]


class NumberBlock(blocks.StructBlock):
    """One number and whose it is, in the languages of the report path."""

    number = blocks.CharBlock(
        label=_("Number"),
        max_length=20,
        validators=[RegexValidator(r"^[0-9]+$", _("Digits only."))],
    )
    th = blocks.CharBlock(label=_("Whose it is, in Thai"))
    en = blocks.CharBlock(label=_("Whose it is, in English"), required=False)
    lo = blocks.CharBlock(label=_("Whose it is, in Lao"), required=False)
    km = blocks.CharBlock(label=_("Whose it is, in Khmer"), required=False)

    class Meta:
        icon = "warning"
        label = _("Emergency number")


class NumbersField(models.JSONField):
    """Plain rows of words in the database; a list of blocks in the form."""

    block = blocks.ListBlock(NumberBlock())

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def formfield(self, **kwargs: Any) -> Any:
        return BlockField(block=self.block, label=self.verbose_name, help_text=self.help_text)

    def value_from_object(self, obj: models.Model) -> Any:
        return self.block.to_python(super().value_from_object(obj))

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        rows = [{name: value for name, value in row.items() if value} for row in data]
        super().save_form_data(instance, rows)


def with_missing_words(lines: list[dict[str, str]]) -> list[dict[str, str]]:
    """The lines, with our words in the languages that one of our own lines lacks."""
    ours = {(line["number"], line["th"]): line for line in NUMBERS}
    lines = deepcopy(lines)
    return [{**ours.get((line["number"], line["th"]), {}), **line} for line in lines]
