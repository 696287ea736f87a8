"""What staff write down of what somebody told them. It never asks who."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from reporting.forms import NO_LONGER_OFFERED, Group, Questions, usable_token
from reporting.intake import Arrival
from reporting.models import Channel, ContactMethod

# What the form sends. Nothing else is kept or shown again.
FIELDS = (
    "token",
    "contact_method",
    "category",
    "district",
    "subdistrict",
    "when",
    "narrative",
    "danger_now",
    "concerns_official",
    "slip_language",
)


class TakeDownForm(Questions):
    """The questions, how they were answered, and the language of whoever answered them.

    `own_districts` are the codes of the districts where the person holds a role: they stand first,
    and the first of them is chosen until somebody chooses another. The token stays with the form
    from its first page to its last: the session guards what it shows.
    """

    contact_method = forms.ChoiceField(
        required=False,
        choices=ContactMethod,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": NO_LONGER_OFFERED},
    )
    slip_language = forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": NO_LONGER_OFFERED},
    )
    field_order = ("contact_method", "category", "district", "subdistrict", "when", "narrative")

    def __init__(
        self,
        data: Mapping[str, str] | None = None,
        *,
        kept: Mapping[str, str] | None = None,
        channel: str,
        own_districts: Collection[str] = (),
    ) -> None:
        is_by_phone = channel == Channel.HOTLINE
        blank = {
            "contact_method": ContactMethod.PHONE if is_by_phone else ContactMethod.IN_PERSON,
            "district": next(iter(own_districts), ""),
            "slip_language": settings.LANGUAGE_CODE,
        }
        super().__init__(data, kept=kept or blank)
        self.channel = channel
        self.own_districts = own_districts
        self.token = usable_token((data or kept or {}).get("token", ""))
        languages = self.fields["slip_language"]
        assert isinstance(languages, forms.ChoiceField)
        languages.choices = [
            (code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES
        ]

    @property
    def districts_by_province(self) -> Iterator[Group]:
        own = [
            (code, self.offered.districts[code].name)
            for code in self.own_districts
            if code in self.offered.districts
        ]
        if own:
            yield Group(_("Your district"), own)
        for group in super().districts_by_province:
            if others := [choice for choice in group.choices if choice not in own]:
                yield Group(group.name, others)

    @property
    def subdistricts_by_district(self) -> Iterator[Group]:
        """Those of the person's own districts first."""
        yield from sorted(
            super().subdistricts_by_district, key=lambda group: group.code not in self.own_districts
        )

    @property
    def slip_speaks(self) -> str:
        """The language of the slip that the villager takes home."""
        return self.cleaned_data["slip_language"] or settings.LANGUAGE_CODE

    def arrival(self, *, language: str) -> Arrival:
        told = super().arrival(language=language)
        return replace(
            told, channel=self.channel, contact_method=self.cleaned_data["contact_method"]
        )
