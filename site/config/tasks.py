"""One vocabulary for background work: django_tasks in the code, django-q2 underneath."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.tasks import async_task
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus
from django_tasks.utils import normalize_json


class DjangoQBackend(BaseTaskBackend):
    """Hands a django_tasks task to the django-q2 cluster.

    With the ORM broker the task is a row, so enqueueing inside a transaction keeps both the work
    and the row that caused it, or neither. Arguments must be JSON: ids, never content.
    """

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:
        self.validate_task(task)
        args, kwargs = normalize_json([args, kwargs])
        task_id = async_task(
            "config.tasks.run", task.module_path, args, kwargs, task_name=task.module_path
        )
        return TaskResult(
            task=task,
            id=task_id,
            status=TaskResultStatus.READY,
            enqueued_at=timezone.now(),
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=args,
            kwargs=kwargs,
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )


def run(module_path: str, args: list, kwargs: dict) -> None:
    """Runs in a worker: calls the function behind a task's dotted path."""
    task: Task | Callable = import_string(module_path)
    function = task.call if isinstance(task, Task) else task
    function(*args, **kwargs)
