"""What HQ types about an account, and a chief about a new colleague's."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.letters import language_of
from home.models import User
from reporting.models import CoordinationCentre
from reporting.permissions import Offer
from reporting.step_forms import CHOOSE

REQUIRED = {"required": _("Please fill this in.")}


class DetailsForm(forms.Form):
    """Name, mail address and language of a person. One address belongs to one account."""

    required_css_class = "required"

    first_name = forms.CharField(label=_("First name"), max_length=150, error_messages=REQUIRED)
    last_name = forms.CharField(label=_("Last name"), max_length=150, error_messages=REQUIRED)
    email = forms.EmailField(
        label=_("Mail address"),
        help_text=_("Their own, at work. Links that open the account are sent to it."),
        error_messages=REQUIRED,
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.WAGTAILADMIN_PERMITTED_LANGUAGES
    )

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        self.person = person
        if person:
            kwargs["initial"] = {
                **{name: getattr(person, name) for name in ("first_name", "last_name", "email")},
                "language": language_of(person),
            }
        super().__init__(*args, **kwargs)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        others = User.objects.filter(email__iexact=email)
        if self.person:
            others = others.exclude(pk=self.person.pk)
        if others.exists():
            raise forms.ValidationError(gettext("Another account has this mail address."))
        return email


class InviteForm(DetailsForm):
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text=_("What they type when they sign in. It cannot be changed later."),
        error_messages=REQUIRED,
    )
    field_order = ["username"]

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"].strip()
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(gettext("There is an account of this name already."))
        return username


class ColleagueForm(InviteForm):
    """A chief's invitation, with the role that the person begins with."""

    role = forms.ChoiceField(label=_("Role"), error_messages=REQUIRED)
    centre = forms.ModelChoiceField(
        label=_("Coordination centre"), queryset=CoordinationCentre.objects.none()
    )
    field_order = ["username", "first_name", "last_name", "email", "language", "role", "centre"]

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["role"]).choices = [CHOOSE, *offer.role_choices]
        centre = cast(forms.ModelChoiceField, self.fields["centre"])
        centre.queryset = offer.centres.select_related("district")
        if sole := offer.sole_centre:  # nothing to choose; what is posted is not looked at
            centre.initial, centre.disabled = sole, True


class StepForm(forms.Form):
    """A step that asks for nothing but a confirmation, or for a reason."""

    required_css_class = "required"

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Auditors read it, and it stays."),
        error_messages=REQUIRED,
    )

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_reason:
            del self.fields["reason"]
