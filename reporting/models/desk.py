"""How one person arranged their view of the queue. Nothing here changes a report."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

MOST_FILTERS = 20  # a person's own; more are no longer quicker to find than to choose


class SavedFilter(models.Model):
    """What a person narrows the queue to, under a name of theirs.

    `choices` holds values that the filters offer, by the filter's name, and never what was typed.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_filters")
    name = models.CharField(_("name of the filter"), max_length=40)
    choices: Any = models.JSONField()

    class Meta:
        default_permissions = ()
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"], name="saved_filter_one_of_a_name_and_person"
            )
        ]

    def __str__(self) -> str:
        return self.name
