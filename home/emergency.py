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
    # These stand behind the first three. home/data/site_facts.md tells where each was found.
    {
        "number": "1669",
        "th": "การแพทย์ฉุกเฉิน เจ็บป่วย บาดเจ็บ",
        "en": "Medical emergency",
        "lo": "ການແພດສຸກເສີນ ເຈັບປ່ວຍ ບາດເຈັບ",
        "km": "សង្គ្រោះបន្ទាន់ វេជ្ជសាស្ត្រ",
    },
    {
        "number": "199",
        "th": "ดับเพลิงและกู้ภัย",
        "en": "Fire and rescue",
        "lo": "ດັບເພີງ ແລະ ກູ້ໄພ",
        "km": "ពន្លត់អគ្គិភ័យ និងសង្គ្រោះ",
    },
    {
        "number": "1784",
        "th": "ป้องกันและบรรเทาสาธารณภัย",
        "en": "Disasters",
        "lo": "ປ້ອງກັນ ແລະ ບັນເທົາໄພພິບັດ",
        "km": "គ្រោះមហន្តរាយ",
    },
    {
        "number": "1155",
        "th": "ตำรวจท่องเที่ยว รับสายหลายภาษา",
        "en": "Tourist Police, several languages",
        "lo": "ຕຳຫຼວດທ່ອງທ່ຽວ ຫຼາຍພາສາ",
        "km": "ប៉ូលិសទេសចរណ៍ និយាយច្រើនភាសា",
    },
    {
        "number": "1599",
        "th": "สายด่วนสำนักงานตำรวจแห่งชาติ",
        "en": "Royal Thai Police, second line",
        "lo": "ສຳນັກງານຕຳຫຼວດແຫ່ງຊາດ ສາຍທີສອງ",
        "km": "ប៉ូលិសជាតិថៃ ខ្សែទីពីរ",
    },
    {
        "number": "+66991301300",
        "th": "ศูนย์ช่วยเหลือสังคม โทรจากต่างประเทศ",
        "en": "Social Assistance Centre, when calling from abroad",
        "lo": "ສູນຊ່ວຍເຫຼືອສັງຄົມ ໂທຈາກຕ່າງປະເທດ",
        "km": "មជ្ឈមណ្ឌលជំនួយសង្គម ពេលទូរសព្ទពីបរទេស",
    },
    {
        "number": "1567",
        "th": "ศูนย์ดำรงธรรม รับเรื่องร้องเรียน",
        "en": "Damrongdhama Centre, complaints",
        "lo": "ສູນດຳຣົງທັມ ຮັບເລື່ອງຮ້ອງຮຽນ",
        "km": "មជ្ឈមណ្ឌលដំរង់ធម៌ ទទួលបណ្តឹង",
    },
    {
        "number": "1111",
        "th": "ศูนย์รับเรื่องร้องทุกข์ของรัฐบาล",
        "en": "Government complaints",
        "lo": "ສູນຮັບເລື່ອງຮ້ອງທຸກຂອງລັດຖະບານ",
        "km": "មជ្ឈមណ្ឌលទទួលបណ្តឹងរបស់រដ្ឋាភិបាល",
    },
]
# Whoever is abroad dials + and the country's number first.
NUMBER = r"\+?[0-9]+"


class NumberBlock(blocks.StructBlock):
    """One number and whose it is, in the languages of the report path."""

    number = blocks.CharBlock(
        label=_("Number"),
        max_length=20,
        validators=[RegexValidator(f"^{NUMBER}$", _("Digits only, after a + when it has one."))],
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
