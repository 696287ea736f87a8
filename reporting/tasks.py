"""The same verbs, later and elsewhere. Tasks take ids, never content."""

from captcha.models import CaptchaStore
from django_tasks import task

from reporting import (
    deadlines,
    drafts,
    duplicates,
    endpoints,
    evidence,
    exporting,
    handover,
    line_links,
    notices,
    taking_down,
    vault,
)
from reporting.models import Attachment, Export, Report


@task()
def announce(report_pk: int, event: str = "receive", by: int | None = None) -> None:
    if report := Report.objects.filter(pk=report_pk).first():
        notices.announce(report, event, by=by)
        if event == "receive":
            duplicates.ask_for_sketch(report)


@task()
def sketch_report(report_pk: int) -> None:
    if report := Report.objects.filter(pk=report_pk).first():
        duplicates.make_sketch(report)


@task()
def send_notices() -> None:
    notices.send_owed()


@task()
def send_line_notices() -> None:
    notices.send_owed_by_line()


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
    """Drafts whose day is over, and what holds for ten minutes: slips, codes for LINE."""
    drafts.clear()
    line_links.clear()
    taking_down.forget_slips()


@task()
def clean_attachment(attachment_pk: int) -> None:
    if attachment := Attachment.objects.filter(pk=attachment_pk).first():
        evidence.clean(attachment)


@task()
def reseal_files(report_pk: int) -> None:
    if report := Report.objects.filter(pk=report_pk).first():
        evidence.reseal_files(report)


@task()
def tidy_files() -> None:
    evidence.close_incomplete()
    evidence.say_when_full()
    vault.clear_loose()


@task()
def make_export(export_pk: int) -> None:
    if export := Export.objects.select_related("user").filter(pk=export_pk).first():
        exporting.make(export)


@task()
def clear_exports() -> None:
    exporting.clear_expired()
