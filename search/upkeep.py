"""Asks for the tasks that keep OpenSearch current, when something that is searched changes.

modelsearch would do it by itself, but it deletes within the request, gives up after one attempt,
and writes titles of drafts into the log.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.signals import post_delete, post_save
from wagtail.models import Page
from wagtail.search.index import get_indexed_models
from wagtail.signals import post_page_move

from search.tasks import reflect, reflect_branch


def connect() -> None:
    """Called once, when all models are there."""
    for model in get_indexed_models():
        post_save.connect(changed, sender=model, dispatch_uid=f"search.{model._meta.label}")
        post_delete.connect(changed, sender=model, dispatch_uid=f"search.{model._meta.label}")
    post_page_move.connect(moved, dispatch_uid="search.moved")


def changed(instance: models.Model, raw: bool = False, **signal: Any) -> None:
    if settings.SEARCH_SERVER and not raw:
        meta = instance._meta
        reflect.enqueue(meta.app_label, str(meta.model_name), str(instance.pk))


def moved(instance: Page, **signal: Any) -> None:
    if settings.SEARCH_SERVER:
        reflect_branch.enqueue(instance.pk)
