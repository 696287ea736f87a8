"""What the steps of a referral ask for."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reporting.models import Agency, Referral, Report
from reporting.referring import referrals_to_hand_over, referrals_without_answer
from reporting.step_forms import CHOOSE, LINE, StepForm, text_field

REFERRAL_DAYS = 30


class ReferForm(StepForm):
    agency = forms.ModelChoiceField(
        label=_("Agency"),
        queryset=Agency.objects.none(),
        to_field_name="code",
        empty_label=CHOOSE[1],
        error_messages={"required": _("Please choose one.")},
    )
    receiver = forms.CharField(
        label=_("Who receives it there"),
        help_text=_("Name and unit. Hand it to this person only. Sealed."),
        max_length=LINE,
    )
    purpose = forms.CharField(
        label=_("What the agency is asked to do"),
        max_length=LINE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    pack = text_field(
        _("What the agency is told"),
        help_text=_(
            "In your own words, and only what the agency needs. Nothing that could tell who "
            "reported it."
        ),
        rows=7,
    )
    expires_on = forms.DateField(
        label=_("May be used until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["agency"]).queryset = Agency.objects.offered()
        today = timezone.localdate()
        self.fields["expires_on"].initial = today + timedelta(days=REFERRAL_DAYS)
        self.fields["expires_on"].widget.attrs["min"] = today.isoformat()

    def clean_expires_on(self):
        day = self.cleaned_data["expires_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(gettext("Choose today or a later day."))
        return day

    def clean_agency(self) -> str:
        return self.cleaned_data["agency"].code


class OfAReferralForm(StepForm):
    """A step of one of the report's referrals; the latest, unless another is chosen."""

    referral = forms.TypedChoiceField(label=_("Referral"), coerce=int)
    takes: Callable[[Report], dict[int, Referral]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = type(self).takes(self.report)
        cast(forms.ChoiceField, self.fields["referral"]).choices = [
            (number, f"{number}: {referral.agency}") for number, referral in reversed(found.items())
        ]


class HandOverForm(OfAReferralForm):
    takes = staticmethod(referrals_to_hand_over)


class ReturnForm(OfAReferralForm):
    answer = text_field(_("What the agency answered"))
    takes = staticmethod(referrals_without_answer)


class AgencyForm(forms.ModelForm):
    class Meta:
        model = Agency
        fields = ["code", "name_th", "name_en", "how_to_reach", "is_active", "sort_order"]


class ChangedAgencyForm(AgencyForm):
    """Keeps the code: referrals carry it."""

    class Meta(AgencyForm.Meta):
        fields = ["name_th", "name_en", "how_to_reach", "is_active", "sort_order"]
