"""Times, people and queues as the staff's screens say them."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from home.dates import format_day
from home.models import User
from reporting.models import CoordinationCentre, Report

# Up to here hours are counted; beyond it days say more.
HOURS_COUNTED = timedelta(hours=48)


def moment(at: datetime) -> str:
    """A day and a time, in the reader's calendar."""
    local = timezone.localtime(at)
    return _("%(day)s, %(time)s") % {"day": format_day(local.date()), "time": f"{local:%H:%M}"}


def hour(at: datetime) -> str:
    """The same for what is kept to the hour, said so that nobody takes it for the minute."""
    local = timezone.localtime(at)
    return _("%(day)s, in the hour from %(time)s") % {
        "day": format_day(local.date()),
        "time": f"{local:%H:%M}",
    }


def age(since: datetime, now: datetime) -> str:
    """How long ago something came in."""
    passed = max(now - since, timedelta())
    if passed < timedelta(hours=1):
        return _("within the hour")
    if passed < HOURS_COUNTED:
        hours = passed // timedelta(hours=1)
        return ngettext("%(count)s hour ago", "%(count)s hours ago", hours) % {"count": hours}
    return ngettext("%(count)s day ago", "%(count)s days ago", passed.days) % {"count": passed.days}


def deadline(report: Report, now: datetime) -> str:
    """What is left of the stage's time, or how far it is overdue."""
    if report.due_at is None:
        return pgettext("deadline of a report", "none")
    if report.due_at <= now:
        return _overdue(now - report.due_at)
    return _left(report.due_at - now)


def _left(span: timedelta) -> str:
    if span < timedelta(hours=1):
        return _("less than an hour left")
    if span < HOURS_COUNTED:
        hours = span // timedelta(hours=1)
        return ngettext("%(count)s hour left", "%(count)s hours left", hours) % {"count": hours}
    return ngettext("%(count)s day left", "%(count)s days left", span.days) % {"count": span.days}


def _overdue(span: timedelta) -> str:
    if span < timedelta(hours=1):
        return _("overdue by less than an hour")
    if span < HOURS_COUNTED:
        hours = span // timedelta(hours=1)
        return ngettext("overdue by %(count)s hour", "overdue by %(count)s hours", hours) % {
            "count": hours
        }
    return ngettext("overdue by %(count)s day", "overdue by %(count)s days", span.days) % {
        "count": span.days
    }


def person(user: User) -> str:
    """How a colleague is named. Full names are theirs to change; the user name is not."""
    name, username = user.get_full_name(), user.get_username()
    return f"{name} ({username})" if name else username


def assignee(report: Report) -> str:
    """To whom a report of with_assignees_absence() is assigned, and whether they are there."""
    if not report.assignee:
        return _("nobody yet")
    name = person(report.assignee)
    return _("%(person)s, away today") % {"person": name} if report.is_assignee_away else name


def queue(centre: CoordinationCentre | None) -> str:
    return str(centre) if centre else project_office()


def project_office() -> str:
    return _("the project office")


def place(report: Report) -> str:
    """Subdistrict and district, as far as they were given."""
    if report.subdistrict and report.district:
        return _("%(subdistrict)s, %(district)s") % {
            "subdistrict": report.subdistrict.name,
            "district": report.district.name,
        }
    return str(report.subdistrict or report.district or "")
