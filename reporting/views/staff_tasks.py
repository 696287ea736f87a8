"""Tasks that failed too often: HQ lets them try again, or discards them with a reason."""

from typing import Any

from django.db import models, transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from reporting.permissions import may_see_tasks
from reporting.views.staff_words import hour
from work import ledger
from work.models import Job

PAGE = 100

TASKS = {
    "reporting.tasks.announce": gettext_lazy("Note for staff that a report came in"),
    "reporting.tasks.send_notices": gettext_lazy("Mail to staff"),
    "reporting.tasks.send_line_notices": gettext_lazy("LINE to staff"),
    "reporting.tasks.send_hooks": gettext_lazy("Webhooks"),
    "reporting.tasks.check_deadlines": gettext_lazy("Check of deadlines"),
    "reporting.tasks.clear_captchas": gettext_lazy("Cleaning of spent captchas"),
    "reporting.tasks.clean_attachment": gettext_lazy("Check of a reporter's file"),
    "reporting.tasks.reseal_files": gettext_lazy("Files that follow a report to its new queue"),
    "reporting.tasks.tidy_files": gettext_lazy("Tidying of reporters' files"),
    "reporting.tasks.make_export": gettext_lazy("Making of a list to take along"),
    "reporting.tasks.clear_exports": gettext_lazy("Throwing away of old lists"),
    "accounts.tasks.send_letter": gettext_lazy("Mail about an account"),
    "accounts.tasks.check_log": gettext_lazy("Check of the log of accounts"),
    "home.tasks.publish_scheduled": gettext_lazy("Publishing of what was scheduled"),
    "wagtail.tasks.update_reference_index_task": gettext_lazy("Index of links between pages"),
    "wagtail.tasks.delete_file_from_storage_task": gettext_lazy("Deletion of an editor's file"),
    "wagtail.images.tasks.set_image_focal_point_task": gettext_lazy("Focus of a picture"),
    "modelsearch.tasks.insert_or_update_object_task": gettext_lazy("Index of the search"),
}


class DiscardReason(models.TextChoices):
    """Choices and no words: what is typed here would stay in the log for good."""

    DONE_BY_HAND = "done_by_hand", gettext_lazy("It was done by hand.")
    NOT_NEEDED = "not_needed", gettext_lazy("It is no longer needed.")
    FAULT = "fault", gettext_lazy("It cannot succeed; the fault was reported.")


def task_words(path: str) -> str:
    """A task in words; one that has none here keeps its path, which names no report."""
    return str(TASKS.get(path, path))


def error_words(job: Job) -> str:
    if job.error == ledger.WORKER_LOST:
        return _("The worker ended in the middle of it.")
    return job.error


class TasksView(WagtailAdminTemplateMixin, View):
    """What gave up, latest first. A task's arguments are shown to nobody."""

    opens_for = staticmethod(may_see_tasks)
    template_name = "reporting/admin/tasks.html"
    page_title = gettext_lazy("Tasks that gave up")
    header_icon = "warning"

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        found = list(ledger.dead().order_by("-due_at", "-pk")[: PAGE + 1])
        return self.render_to_response(
            self.get_context_data(
                jobs=[
                    {
                        "pk": job.pk,
                        "task": task_words(job.path),
                        "attempts": job.attempts,
                        "at": hour(job.due_at),
                        "error": error_words(job),
                    }
                    for job in found[:PAGE]
                ],
                has_more=len(found) > PAGE,
                reasons=DiscardReason.choices,
            )
        )

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]


class TaskActionView(View):
    """What may be done with one task; the log keeps who did it, to which kind of task."""

    opens_for = staticmethod(may_see_tasks)

    def get(self, request, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        return redirect("reports:tasks")

    def post(self, request, *args: Any, job: int, **kwargs: Any) -> HttpResponseRedirect:
        with transaction.atomic():
            found = ledger.dead().filter(pk=job).first()
            if found is None:
                messages.warning(request, _("This task is no longer among those that gave up."))
            else:
                self.act(request, found)
        return redirect("reports:tasks")

    def act(self, request: Any, job: Job) -> None:
        raise NotImplementedError

    def note(self, job: Job, action: str, **data: Any) -> None:
        facts = {"attempts": job.attempts, "error": job.error}
        log(job, action, user=self.request.user, data={**facts, **data})


class RetryTaskView(TaskActionView):
    def act(self, request: Any, job: Job) -> None:
        if ledger.retry(job.pk):
            self.note(job, "work.retry")
            messages.success(request, _("The task will be tried again in a moment."))


class DiscardTaskView(TaskActionView):
    def act(self, request: Any, job: Job) -> None:
        reason = request.POST.get("reason", "")
        if reason not in DiscardReason.values:
            messages.error(request, _("Please choose why the task is discarded."))
        elif ledger.discard(job.pk):
            self.note(job, "work.discard", reason=reason)
            messages.success(request, _("The task was discarded."))
