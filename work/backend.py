"""The vocabulary of django_tasks in the code, the ledger underneath."""

from typing import Any

from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus
from django_tasks.utils import normalize_json

from work import ledger


class LedgerBackend(BaseTaskBackend):
    """Writes a task into the ledger: one insert, in the caller's transaction.

    Arguments must be JSON: ids, never content. A task may run twice, so it must do no harm twice.
    """

    supports_defer = True

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:
        self.validate_task(task)
        args, kwargs = normalize_json([args, kwargs])
        job = ledger.add(task.module_path, args, kwargs, due_at=task.run_after)
        return TaskResult(
            task=task,
            id=str(job.pk),
            status=TaskResultStatus.READY,
            enqueued_at=job.due_at,
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=args,
            kwargs=kwargs,
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
