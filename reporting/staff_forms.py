"""What a step of the lifecycle asks for. Each form offers only what the person may choose."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from home.models import User
from reporting import receipts
from reporting.forms import usable_token
from reporting.models import (
    Agency,
    CoordinationCentre,
    Credibility,
    EvidenceType,
    Membership,
    Outcome,
    RejectReason,
    Reliability,
    Report,
)
from reporting.models.centre import CENTRE_ROLES
from reporting.permissions import ASSIGN, policy
from reporting.sealing import HQ
from reporting.views.staff_filters import normalised_reference
from reporting.views.staff_words import person, project_office

LINE = 300
TEXT = 4000
REFERRAL_DAYS = 30
CHOOSE = ("", _("Choose"))


def text_field(label: Any, *, help_text: Any = "", rows: int = 5, **options: Any):
    return forms.CharField(
        label=label,
        error_messages={"required": _("Please fill this in.")},
        help_text=help_text,
        max_length=TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
        **options,
    )


def choice_field(label: Any, choices: Any, *, help_text: Any = ""):
    return forms.ChoiceField(
        label=label,
        choices=[CHOOSE, *choices],
        help_text=help_text,
        error_messages={"required": _("Please choose one.")},
    )


class StepForm(forms.Form):
    """A step that asks for nothing but a confirmation."""

    required_css_class = "required"

    def __init__(self, *args: Any, report: Report, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.report, self.user = report, user

    @property
    def details(self) -> dict[str, Any]:
        """What lifecycle.move() is given."""
        return self.cleaned_data


class RerouteForm(StepForm):
    to = forms.ChoiceField(
        label=_("Send to"),
        help_text=_("Only queues that somebody works on today can be chosen."),
    )
    reason = text_field(
        _("Reason"), help_text=_("Sealed. The people of the other queue can read it.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        centres = CoordinationCentre.objects.staffed().select_related("district")
        self.centres = {
            str(centre.pk): centre for centre in centres if centre.pk != self.report.centre_id
        }
        office = [(HQ, project_office())] if self.report.centre_id else []
        cast(forms.ChoiceField, self.fields["to"]).choices = [
            CHOOSE,
            *office,
            *((pk, str(centre)) for pk, centre in self.centres.items()),
        ]

    @property
    def details(self) -> dict[str, Any]:
        return {**self.cleaned_data, "to": self.centres.get(self.cleaned_data["to"])}


class RejectForm(StepForm):
    reason = choice_field(_("Reason"), RejectReason.choices)


class MergeForm(StepForm):
    into = forms.CharField(
        label=_("Reference of the report that this one repeats"),
        max_length=20,
        help_text=_("A report of the same queue. This one is then finished."),
    )

    def clean_into(self) -> Report:
        # Unknown, of another queue, hidden from the person: one answer, so that none can be told.
        found = (
            Report.objects.visible_to(self.user)
            .filter(
                centre=self.report.centre_id,
                reference=normalised_reference(self.cleaned_data["into"]),
            )
            .exclude(pk=self.report.pk)
            .first()
        )
        if found is None:
            raise forms.ValidationError(_("This queue has no other report with that reference."))
        return found


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: User) -> str:
        return person(obj)


class AssignForm(StepForm):
    assignee = PersonField(
        label=_("Assign to"), queryset=User.objects.none(), empty_label=CHOOSE[1]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = policy.at_work_on(self.report).order_by("username")
        if ASSIGN not in policy.actions_for(self.user, self.report):
            members = members.filter(pk=self.user.pk)
            self.fields["assignee"].initial = self.user.pk
        cast(PersonField, self.fields["assignee"]).queryset = members
        away = policy.members_of_queue(self.report).exclude(pk__in=policy.at_work_on(self.report))
        if names := ", ".join(person(user) for user in away.order_by("username")):
            self.fields["assignee"].help_text = gettext("Away today: %(people)s.") % {
                "people": names
            }


class FindingForm(StepForm):
    reliability = choice_field(_("How far can the source be relied on?"), Reliability.choices)
    credibility = choice_field(_("How far can the information be believed?"), Credibility.choices)
    reason = text_field(
        _("Why you judge so"), help_text=_("Sealed, and read only by people of this queue.")
    )
    evidence = text_field(_("What it rests on"), required=False, rows=3)


class ReferForm(StepForm):
    agency = choice_field(_("Agency"), Agency.choices)
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
        today = timezone.localdate()
        self.fields["expires_on"].initial = today + timedelta(days=REFERRAL_DAYS)
        self.fields["expires_on"].widget.attrs["min"] = today.isoformat()

    def clean_expires_on(self):
        day = self.cleaned_data["expires_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(gettext("Choose today or a later day."))
        return day


class ReturnForm(StepForm):
    answer = text_field(_("What the agency answered"))


class ProposeClosingForm(StepForm):
    outcome = choice_field(_("What came of it"), Outcome.choices)
    evidence_type = choice_field(_("What that rests on"), EvidenceType.choices)


class ReopenForm(StepForm):
    reason = text_field(_("Why the report is reopened"))


class MessageForm(StepForm):
    words = text_field(
        _("What you ask or tell"),
        help_text=_(
            "Only whoever holds the receipt reads it. Never ask who they are, where they live or "
            "how to reach them. Write in simple words, in the language the report is written in."
        ),
    )
    token = forms.CharField(widget=forms.HiddenInput, initial=receipts.new_token, required=False)

    def clean_token(self) -> str:
        return usable_token(self.cleaned_data["token"])


FORMS: dict[str, type[StepForm]] = {
    "reroute": RerouteForm,
    "reject": RejectForm,
    "merge": MergeForm,
    "assign": AssignForm,
    "record_finding": FindingForm,
    "refer": ReferForm,
    "return": ReturnForm,
    "propose_closing": ProposeClosingForm,
    "reopen": ReopenForm,
    "message": MessageForm,
}
# Steps taken by the button itself, without a page in between.
DIRECT_STEPS = frozenset({"accept", "verify"})


class MembershipForm(forms.ModelForm):
    """One person in one role. A role of a centre names its centre; a role of the office none."""

    class Meta:
        model = Membership
        fields = ("user", "role", "centre", "starts_on", "ends_on")
        field_classes = {"user": PersonField}
        widgets = {
            day: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            for day in ("starts_on", "ends_on")
        }

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        """`people` are those whose roles may be given here."""
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["user"]).queryset = people
        centre = cast(forms.ModelChoiceField, self.fields["centre"])
        centre.queryset = CoordinationCentre.objects.select_related("district")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        role, centre = found.get("role"), found.get("centre")
        if role in CENTRE_ROLES and not centre and "centre" not in self.errors:
            self.add_error("centre", gettext("This role belongs to a centre. Choose which."))
        if role and role not in CENTRE_ROLES and centre:
            self.add_error("centre", gettext("This role belongs to the project office: no centre."))
        starts_on, ends_on = found.get("starts_on"), found.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", gettext("The last day is before the first."))
        return found
