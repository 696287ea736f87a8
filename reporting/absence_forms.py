"""What is asked when somebody will be away, and when reports are handed over."""

from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from home.models import User
from reporting.models import Absence, Membership
from reporting.staff_forms import PersonField

# A year that was written in the Buddhist era would take a person away for five hundred.
LONGEST = timedelta(days=366)


def colleagues(membership: Membership) -> QuerySet[User]:
    """Who could stand in for somebody: the others of the same queue who are there today."""
    at_work = Membership.objects.at_work().of_queue(membership.centre_id)
    people = User.objects.filter(pk__in=at_work.values("user"))
    return people.exclude(pk=membership.user_id).order_by("username")


def day_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"required": _("Please choose a day.")},
    )


class PlaceForm(forms.Form):
    """A form about one person in one queue."""

    required_css_class = "required"

    def __init__(self, *args: Any, membership: Membership, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.membership, self.by = membership, by


class AbsenceForm(PlaceForm):
    starts_on = day_field(_("First day away"))
    ends_on = day_field(_("Last day away"))
    deputy = PersonField(
        label=_("Deputy"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Nobody"),
        help_text=_("Is told what the person would be told. Reports are not handed over by this."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].initial = timezone.localdate()
        cast(PersonField, self.fields["deputy"]).queryset = colleagues(self.membership)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        starts_on, ends_on = found.get("starts_on"), found.get("ends_on")
        if starts_on and ends_on:
            if ends_on < starts_on:
                self.add_error("ends_on", gettext("The last day is before the first."))
            elif ends_on < timezone.localdate():
                self.add_error("ends_on", gettext("Choose today or a later day."))
            elif ends_on - min(starts_on, timezone.localdate()) > LONGEST:
                self.add_error(
                    "ends_on",
                    gettext("At most a year from today. Please write the year as in 2026."),
                )
            elif self._would_open_the_queue_to_hq(starts_on, ends_on):
                self.add_error(
                    None,
                    gettext(
                        "Nobody of this centre would be there then, and the project office would "
                        "read its reports. Only somebody of the centre can note that."
                    ),
                )
        return found

    def _would_open_the_queue_to_hq(self, starts_on: date, ends_on: date) -> bool:
        """HQ reads what lies where nobody is: it must not see to that by itself."""
        centre = self.membership.centre_id
        working = Membership.objects.current().of_queue(centre)
        if centre is None or working.filter(user=self.by).exists():
            return False
        away = Absence.objects.filter(
            membership__centre=centre, starts_on__lte=ends_on, ends_on__gte=starts_on
        )
        there = working.exclude(user__in=away.values("membership__user"))
        return not there.exclude(user=self.membership.user_id).exists()

    def save(self) -> Absence:
        return Absence.objects.create(membership=self.membership, **self.cleaned_data)


class HandOverForm(PlaceForm):
    to = PersonField(
        label=_("Hand over to"),
        queryset=User.objects.none(),
        empty_label=_("Choose"),
        error_messages={"required": _("Please choose one.")},
        help_text=_("Somebody of the same queue who is there today."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = colleagues(self.membership)
        cast(PersonField, self.fields["to"]).queryset = people
        deputies = absences_of(self.membership).today().values("deputy")
        self.fields["to"].initial = people.filter(pk__in=deputies).first()


def absences_of(membership: Membership):
    """The absences of a person from the place of a membership."""
    return Absence.objects.of(membership.user_id, membership.centre_id)


def come_back(membership: Membership) -> None:
    """Ends what runs today with yesterday, and drops what was to come."""
    yesterday: date = timezone.localdate() - timedelta(days=1)
    absences_of(membership).filter(starts_on__gt=yesterday).delete()
    absences_of(membership).today().update(ends_on=yesterday)
