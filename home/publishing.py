"""What editors told to appear or to go at a time, when that time has come.

Wagtail's own command `publish_scheduled` reads a list and then walks it. Two workers at once would
both walk it, and the slower could put an old revision over one that an editor published meanwhile.
Here each page is looked at again, locked, before anything is done with it.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone
from wagtail.models import DraftStateMixin, Page, Revision


def publish_due() -> int:
    """Unpublishes and publishes what is due; returns how many. Safe to run twice, and at once.

    What fails stands in nobody's way: the others are done, then an ExceptionGroup is raised.
    """
    done, failures = 0, []
    for rows, act in _due(timezone.now()):
        for pk in list(rows.values_list("pk", flat=True)):
            try:
                done += _act_on_locked(rows, pk, act)
            except Exception as failure:  # noqa: BLE001 - whatever a page's own code may raise
                failures.append(failure)
    if failures:
        raise ExceptionGroup("Some scheduled pages could not be published.", failures)
    return done


def _due(now: datetime) -> Iterator[tuple[models.QuerySet, Callable[[Any], None]]]:
    """In Wagtail's order: first what ends, then what begins."""
    others = [
        model
        for model in apps.get_models()
        if issubclass(model, DraftStateMixin) and not issubclass(model, Page)
    ]
    for model in (Page, *others):
        expired = model._default_manager.filter(live=True, expire_at__lt=now)
        yield expired.order_by("expire_at"), _unpublish
    waiting = Revision.objects.filter(approved_go_live_at__lt=now)
    yield waiting.order_by("approved_go_live_at"), _publish


@transaction.atomic
def _act_on_locked(rows: models.QuerySet, pk: Any, act: Callable[[Any], None]) -> bool:
    found = rows.select_for_update().filter(pk=pk).first()
    if found is None:  # another worker, or an editor, was quicker
        return False
    act(found)
    return True


def _unpublish(found: Any) -> None:
    found.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")


def _publish(revision: Revision) -> None:
    revision.publish(log_action="wagtail.publish.scheduled")
