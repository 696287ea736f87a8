"""The same verbs, later and elsewhere. Tasks take ids, never content."""

from captcha.models import CaptchaStore
from django_tasks import task

from reporting import deadlines, drafts, endpoints, handover, notices, taking_down
from reporting.models import Report


@task()
def announce(report_pk: int, event: str = "receive", by: int | None = None) -> None:
    if report := Report.objects.filter(pk=report_pk).first():
        notices.announce(report, event, by=by)


@task()
def send_notices() -> None:
    notices.send_owed()


@task()
def send_hooks() -> None:
    endpoints.send_owed()


@task()
def check_deadlines() -> None:
    handover.release_what_nobody_holds()
    deadlines.escalate_unstaffed()
    deadlines.escalate_overdue()


@task()
def clear_captchas() -> None:
    CaptchaStore.remove_expired()


@task()
def clear_taken_down() -> None:
    """Drafts whose day is over, and what holds for ten minutes after a report was written down."""
    drafts.clear()
    taking_down.forget_slips()
