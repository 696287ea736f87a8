"""Lists that people take along: who asked for which, where the sealed file lies, and the log."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from home import chain

# So long a file waits for the one who asked; then it is thrown away.
KEPT_FOR = timedelta(hours=24)
LOG_PURPOSE = "reporting.export.log"  # part of the key of its digests


def _a_day_from_now() -> Any:
    return timezone.now() + KEPT_FOR


class Export(models.Model):
    """One list that somebody asked for. The row stays when the file is gone.

    `choices` holds values that the filters offer, by the filter's name, and never what was typed.
    """

    class Format(models.TextChoices):
        XLSX = "xlsx", _("Excel (XLSX)")
        CSV = "csv", _("CSV, for other programs")
        PDF = "pdf", _("PDF, to print")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        MAKING = "making", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("could not be made")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("thrown away after 24 hours")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    expires_at = models.DateTimeField(default=_a_day_from_now)
    choices: Any = models.JSONField()
    format = models.CharField(_("format"), max_length=4, choices=Format)
    language = models.CharField(max_length=5)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(_("reports"))
    done = models.PositiveIntegerField(_("reports that are in it"), default=0)
    # Which reports are in the file, while there is one: asked for again at each download.
    contents: Any = models.JSONField(default=list)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        default_permissions = ()
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["expires_at"],
                name="export_to_throw_away",
                condition=~models.Q(state="expired"),
            )
        ]

    def __str__(self) -> str:
        return _("Export %(number)s") % {"number": self.pk}

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.WAITING, self.State.MAKING)

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def is_over(self) -> bool:
        """Whether its day is over, thrown away already or not."""
        return self.expires_at <= timezone.now()


class ExportPiece(models.Model):
    """A piece of an export's file, sealed to the project office's key, in the vault."""

    export = models.ForeignKey(Export, models.PROTECT, related_name="pieces")
    number = models.PositiveIntegerField()
    stored_as = models.CharField(max_length=40, unique=True)
    sealed_to = models.JSONField()

    class Meta:
        default_permissions = ()
        ordering = ["export", "number"]
        constraints = [
            models.UniqueConstraint(fields=["export", "number"], name="export_piece_once")
        ]

    def __str__(self) -> str:
        return str(self.number)


class ExportEntry(models.Model):
    """One thing that was done with an export, for auditors. Rows are added, never changed.

    The entries of one export are chained (home.chain), with a key that the database does not hold.
    """

    class Action(models.TextChoices):
        ASK = "ask", _("Asked for a list")
        MAKE = "make", _("The list was made")
        DOWNLOAD = "download", _("Saved the list")
        FAIL = "fail", _("The list could not be made")
        WITHDRAW = "withdraw", _("The list was withdrawn: access had changed")
        EXPIRE = "expire", _("The list was thrown away")

    export = models.ForeignKey(Export, models.PROTECT, related_name="log")
    number = models.PositiveIntegerField()
    at = models.DateTimeField(_("time"), default=timezone.now)
    # Nobody: the system did it.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=8, choices=Action)
    rows = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        ordering = ["export", "number"]
        indexes = [models.Index(fields=["-at", "-id"], name="export_entry_latest")]
        constraints = [
            models.UniqueConstraint(fields=["export", "number"], name="export_entry_number")
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
        return chain.keyed_digest(self._said(), purpose=LOG_PURPOSE)

    def has_own_digest(self) -> bool:
        return chain.is_keyed_digest(self.digest, self._said(), purpose=LOG_PURPOSE)

    def _said(self) -> list[Any]:
        """With what was asked for: whoever changes that in the export's row is seen as well."""
        asked = self.export
        return [
            *(self.export_id, asked.user_id, asked.choices, asked.format),
            *(self.number, self.at.timestamp(), self.user_id, self.action, self.rows),
            self.previous,
        ]
