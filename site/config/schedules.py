"""What the worker does by the clock."""

from reporting import endpoints, notices
from work import schedules

SCHEDULES = {
    # name: (task, minutes between two runs)
    "report deadlines": ("reporting.tasks.check_deadlines", 5),
    endpoints.SCHEDULE: ("reporting.tasks.send_hooks", 1),
    notices.SCHEDULE: ("reporting.tasks.send_notices", 1),
    notices.LINE_SCHEDULE: ("reporting.tasks.send_line_notices", 1),
    "scheduled publishing": ("home.tasks.publish_scheduled", 1),
    "log of accounts": ("accounts.tasks.check_log", 24 * 60),
    "files of reporters": ("reporting.tasks.tidy_files", 24 * 60),
    "spent captchas": ("reporting.tasks.clear_captchas", 5),
    "lists taken along": ("reporting.tasks.clear_exports", 5),
    "drafts and slips": ("reporting.tasks.clear_taken_down", 5),
}


def ensure_schedules() -> None:
    """Creates the schedules that are missing; the times that staff changed stay."""
    for name, (task, minutes) in SCHEDULES.items():
        schedules.ensure(name, task, minutes)
