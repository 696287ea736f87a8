"""What was done with a report, and who opened it. Rows are added, never changed."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from home import chain

# Steps by which somebody came to see what is sealed.
READINGS = frozenset(
    {
        "read",
        "open_file",
        "open_original",
        "read_referral",
        "print_referral",
        "download_referral",
    }
)


class LogEntry(models.Model):
    """One step in a report's history, chained to the step before it.

    `data` holds choices (statuses, reasons by code, queues), never words of a person: those are
    sealed, in `note`. A reporter's own steps are kept to the hour.
    """

    class Actor(models.TextChoices):
        REPORTER = "reporter", _("the reporter")
        STAFF = "staff", _("staff")
        SYSTEM = "system", _("the system")

    report = models.ForeignKey("reporting.Report", models.PROTECT, related_name="log")
    number = models.PositiveIntegerField()
    at = models.DateTimeField(_("time"))
    actor = models.CharField(_("actor"), max_length=8, choices=Actor)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(_("action"), max_length=30)
    data = models.JSONField(default=dict)
    note = models.OneToOneField("reporting.SealedText", models.PROTECT, null=True, related_name="+")
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("log entries")
        default_permissions = ()
        ordering = ["report", "number"]
        indexes = [models.Index(fields=["-at", "-id"], name="log_entry_latest")]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="log_entry_number_in_report")
        ]

    def __str__(self) -> str:
        return self.action

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A log entry is written once.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("A log entry is never deleted.")

    def computed_digest(self) -> str:
        """SHA-256 over the entry and the digest before it, as 64 hexadecimal digits."""
        fields = [
            self.report_id,
            self.number,
            self.at.timestamp(),
            self.actor,
            self.user_id,
            self.action,
            self.data,
            self.note_id,
            self.previous,
        ]
        return chain.digest(fields)

    def has_own_digest(self) -> bool:
        return self.digest == self.computed_digest()
