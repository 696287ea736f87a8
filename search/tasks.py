"""Keeps OpenSearch at what the database says. Tasks carry ids; one that fails is tried again."""

import time

from django.apps import apps
from django_tasks import task
from wagtail.models import Page
from wagtail.search.backends import get_search_backend
from wagtail.search.index import get_indexed_instance

BATCH = 100


@task()
def reflect(app_label: str, model_name: str, pk: str) -> None:
    """Makes OpenSearch say of one object what the database says, that it is gone included."""
    model = apps.get_model(app_label, model_name)
    index = get_search_backend().get_index_for_model(model)
    read_at = time.time_ns()
    instance = model._default_manager.filter(pk=pk).first()
    indexed = get_indexed_instance(instance) if instance else None
    if indexed is None:
        index.forget(pk, read_at)
    else:
        index.show(indexed, read_at)


@task()
def reflect_branch(pk: int) -> None:
    """The same for a page and everything below it, whose places in the tree have changed."""
    page = Page.objects.filter(pk=pk).first()
    if page is None:
        return
    index = get_search_backend().get_index_for_model(Page)
    keys = list(page.get_descendants(inclusive=True).values_list("pk", flat=True))
    for first in range(0, len(keys), BATCH):
        read_at = time.time_ns()
        for below in Page.objects.filter(pk__in=keys[first : first + BATCH]).specific():
            index.show(below, read_at)
