"""What was done with accounts. Rows are added, never changed."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AddedOnly(models.QuerySet):
    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("A log entry is written once.")

    def delete(self) -> NoReturn:
        raise TypeError("A log entry is never deleted.")


class AccountLog(models.Model):
    """One thing that somebody did with somebody's account.

    `data` holds choices and names of fields; a former mail address too, so that its owner can be
    told that it was replaced.
    """

    class Action(models.TextChoices):
        INVITE = "invite", _("Invited the person")
        EDIT = "edit", _("Changed name, mail address or language")
        ACTIVATE = "activate", _("Opened the account again")
        DEACTIVATE = "deactivate", _("Closed the account")
        END_SESSIONS = "end_sessions", _("Ended all sessions")
        RESET_FACTOR = "reset_factor", _("Removed a lost second factor")
        GIVE_ROLE = "give_role", _("Gave a role")
        CHANGE_ROLE = "change_role", _("Changed a role")
        REMOVE_ROLE = "remove_role", _("Removed a role")
        CHANGE_PASSWORD = "change_password", _("Changed the password")
        ADD_FACTOR = "add_factor", _("Set up a second factor")
        REMOVE_FACTOR = "remove_factor", _("Removed a second factor")

    at = models.DateTimeField(_("time"), default=timezone.now)
    # Nobody: a command on the server, or the system.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person")
    )
    action = models.CharField(_("action"), max_length=20, choices=Action)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    data = models.JSONField(default=dict)

    objects = AddedOnly.as_manager()

    class Meta:
        verbose_name = _("account log entry")
        verbose_name_plural = _("account log entries")
        default_permissions = ()
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["-at", "-id"], name="account_log_latest")]

    def __str__(self) -> str:
        return self.get_action_display()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A log entry is written once.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("A log entry is never deleted.")
