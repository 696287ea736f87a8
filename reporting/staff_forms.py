"""What a step of the lifecycle asks for. Each form offers only what the person may choose."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from home.models import User
from reporting import receipts
from reporting.effects import reversible_findings
from reporting.forms import usable_token
from reporting.models import (
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
from reporting.permissions import ASSIGN, Offer, policy
from reporting.referral_forms import HandOverForm, ReferForm, ReturnForm
from reporting.sealing import HQ
from reporting.step_forms import CHOOSE, StepForm, choice_field, text_field
from reporting.views.staff_filters import normalised_reference
from reporting.views.staff_words import moment, person, project_office


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
    words = text_field(
        _("Why you judge so"),
        help_text=_("Sealed, and read only by people of this queue."),
        required=False,
        rows=3,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].required = self.report.needs_countersignature


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


class AssignSeveralForm(forms.Form):
    """Somebody for several reports; whom each may go to is asked again for each."""

    required_css_class = "required"
    assignee = PersonField(
        label=_("Assign to"), queryset=User.objects.none(), empty_label=CHOOSE[1]
    )

    def __init__(self, *args: Any, reports: Iterable[Report], user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(pk=user.pk)
        one_of_each = {report.centre_id: report for report in reports}
        for report in one_of_each.values():
            if ASSIGN in policy.actions_for(user, report):
                people |= policy.members_of_queue(report)
        cast(PersonField, self.fields["assignee"]).queryset = people.order_by("username")


class FindingForm(StepForm):
    reliability = choice_field(_("How far can the source be relied on?"), Reliability.choices)
    credibility = choice_field(_("How far can the information be believed?"), Credibility.choices)
    reason = text_field(
        _("Why you judge so"), help_text=_("Sealed, and read only by people of this queue.")
    )
    evidence = text_field(_("What it rests on"), required=False, rows=3)


class ReverseFindingForm(StepForm):
    finding = forms.TypedChoiceField(label=_("Finding"), coerce=int)
    reason = text_field(
        _("Why it is taken back"),
        help_text=_("Sealed. The finding stays on record, marked as taken back."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        actions = policy.actions_for(self.user, self.report)
        cast(forms.ChoiceField, self.fields["finding"]).choices = [
            (finding.pk, f"{finding.grade} · {moment(finding.recorded_at)}")
            for finding in reversed(reversible_findings(self.report, self.user, actions))
        ]


class ProposeClosingForm(StepForm):
    outcome = choice_field(_("What came of it"), Outcome.choices)
    evidence_type = choice_field(_("What that rests on"), EvidenceType.choices)


class CloseForm(StepForm):
    """Asks a second person what they looked at themselves; an ordinary report asks nothing."""

    evidence_type = choice_field(
        _("What you looked at yourself"),
        EvidenceType.choices,
        help_text=_(
            "You close this as the second person. Say what the outcome rests on by your own look; "
            "where that differs from the proposal, yours holds."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.report.needs_countersignature:
            del self.fields["evidence_type"]


class SendBackForm(StepForm):
    reason = text_field(
        _("What is still to be checked"),
        help_text=_("Sealed, and read only by people of this queue."),
    )


class ReopenForm(StepForm):
    reason = text_field(_("Why the report is reopened"))


class MessageForm(StepForm):
    words = text_field(
        _("What you ask or tell"),
        help_text=_(
            "Besides the people of this queue, only whoever holds the receipt reads it. Never ask "
            "who they are, where they live or how to reach them. Write in simple words, in the "
            "language the report is written in."
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
    "reverse_finding": ReverseFindingForm,
    "refer": ReferForm,
    "hand_over": HandOverForm,
    "return": ReturnForm,
    "propose_closing": ProposeClosingForm,
    "close": CloseForm,
    "send_back": SendBackForm,
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

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["user"]).queryset = offer.people
        cast(forms.ChoiceField, self.fields["role"]).choices = [CHOOSE, *offer.role_choices]
        centre = cast(forms.ModelChoiceField, self.fields["centre"])
        centre.queryset = offer.centres.select_related("district")
        if (
            self.instance.pk
        ):  # another person or place is another row, or the log would not name them
            self.fields["user"].disabled = centre.disabled = True
        if offer.roles <= CENTRE_ROLES:
            centre.required = True
            if not self.instance.pk:
                centre.initial = offer.sole_centre

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
