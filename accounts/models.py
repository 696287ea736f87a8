"""What was done with accounts and with groups. Rows are added, never changed."""

from typing import Any, NoReturn, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from home import chain

# What a digest is made for stands in its key: one says nothing in another's place.
PURPOSE = "accounts.log"
END_PURPOSE = "accounts.log.end"


class AddedOnly(models.QuerySet):
    def chained(self) -> Self:
        """Entries that hold each other, in their order."""
        return self.filter(number__isnull=False).order_by("number")

    def outside(self) -> Self:
        """Entries of a process of the release before, or of nobody who may write here."""
        return self.filter(number__isnull=True).order_by("pk")

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("A log entry is written once.")

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Entries are written by accounts.history.record().")

    def delete(self) -> NoReturn:
        raise TypeError("A log entry is never deleted.")


class AccountLog(models.Model):
    """One thing that somebody did with somebody's account, or with a group and so with nobody's.

    Entries are chained (home.chain), with a key that the database does not hold; history.record
    writes them. A process of the release before writes some without a number while an upgrade is
    under way: check_account_log names them. `data` holds choices, names of fields, groups and
    rights; a former mail address too, so that its owner can be told that it was replaced.
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
        CREATE = "create", _("Made the account")
        MAKE_SUPERUSER = "make_superuser", _("Made the person a superuser")
        UNMAKE_SUPERUSER = "unmake_superuser", _("Took superuser rights away")
        CHANGE_GROUPS = "change_groups", _("Changed the person's groups")
        MAKE_GROUP = "make_group", _("Made a group")
        CHANGE_GROUP = "change_group", _("Changed what a group may do")
        REMOVE_GROUP = "remove_group", _("Removed a group")
        ADOPT = "adopt", _("Put entries into the chain of this log")

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
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("person"),
    )
    action = models.CharField(_("action"), max_length=20, choices=Action)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    data = models.JSONField(default=dict)
    number = models.PositiveBigIntegerField(null=True, editable=False)
    previous = models.CharField(max_length=64, db_default="", editable=False)
    digest = models.CharField(max_length=64, db_default="", editable=False)

    objects = AddedOnly.as_manager()

    class Meta:
        verbose_name = _("account log entry")
        verbose_name_plural = _("account log entries")
        default_permissions = ()
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["-at", "-id"], name="account_log_latest")]
        constraints = [models.UniqueConstraint(fields=["number"], name="account_log_number")]

    def __str__(self) -> str:
        return self.get_action_display()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A log entry is written once.")
        if not self.number:
            raise TypeError("Entries are written by accounts.history.record().")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("A log entry is never deleted.")

    def computed_digest(self) -> str:
        """What `digest` is made to be, over the entry and the digest before it."""
        return chain.keyed_digest(self._said(), purpose=PURPOSE)

    def has_own_digest(self) -> bool:
        return chain.is_keyed_digest(self.digest, self._said(), purpose=PURPOSE)

    def _said(self) -> list[Any]:
        return [
            self.number,
            self.at.timestamp(),
            self.actor_id,
            self.person_id,
            self.action,
            self.reason,
            self.data,
            self.previous,
        ]


class AccountLogEnd(models.Model):
    """Where the log of accounts ends: a single row.

    Who adds to the log holds the lock on it. It shows when entries were cut off at the end, which
    a chain by itself does not.
    """

    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default=chain.FIRST)
    proof = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.number)

    def move_to(self, entry: AccountLog) -> None:
        self.number, self.digest = entry.number or 0, entry.digest
        self.proof = chain.keyed_digest([self.number, self.digest], purpose=END_PURPOSE)
        self.save()

    def is_ours(self) -> bool:
        return chain.is_keyed_digest(self.proof, [self.number, self.digest], purpose=END_PURPOSE)
