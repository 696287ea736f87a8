"""The same verbs, later and elsewhere. Tasks take ids, never content."""

from captcha.models import CaptchaStore
from django_tasks import task

from reporting import deadlines


@task()
def check_deadlines() -> None:
    deadlines.escalate_overdue()


@task()
def clear_captchas() -> None:
    CaptchaStore.remove_expired()
