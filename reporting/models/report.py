"""One thing that somebody saw: what is known about it without opening its text."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from home.models import District, Subdistrict
from reporting.models.category import Category
from reporting.models.centre import CoordinationCentre
from reporting.models.finding import EvidenceType, Outcome
from reporting.models.when import When
from reporting.querysets import ReportQuerySet

# Crockford's base 32: no letter that is read as a digit or misheard on a bad line.
REFERENCE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE_LENGTH = 8


def new_reference() -> str:
    """A short name for a report among staff. It tells neither order nor number."""
    number = secrets.randbits(5 * REFERENCE_LENGTH)  # five bits choose a letter of 32
    return "".join(
        REFERENCE_ALPHABET[number >> 5 * place & 31] for place in range(REFERENCE_LENGTH)
    )


class Status(models.TextChoices):
    RECEIVED = "received", _("received")
    QUEUED = "queued", _("in the queue")
    VERIFYING = "verifying", _("being checked")
    REFERRED = "referred", _("referred to an agency")
    CLOSING = "closing", _("closing proposed")
    CLOSED = "closed", _("closed")
    REJECTED = "rejected", _("rejected")
    MERGED = "merged", _("merged with another report")


# Statuses in which somebody still has to act.
OPEN_STATUSES = (
    Status.RECEIVED,
    Status.QUEUED,
    Status.VERIFYING,
    Status.REFERRED,
    Status.CLOSING,
)


# What the staff's lists narrow open reports by.
NARROWED_BY = ("status", "category", "assignee", "is_urgent", "centre", "due_at", "received_at")


def open_index(name: str, *order: str, **of: object) -> models.Index:
    """An index of the open reports in an order, with all that they are narrowed and counted by.

    `of` narrows the index itself: what is left out of it costs nothing when it is written.
    """
    return models.Index(
        fields=[*order, *(field for field in NARROWED_BY if field not in order)],
        condition=models.Q(status__in=OPEN_STATUSES, **of),
        name=name,
    )


class Channel(models.TextChoices):
    WEB = "web", _("report form")
    API = "api", _("another program")
    COORDINATOR = "coordinator", _("coordinator")
    HOTLINE = "hotline", _("hotline note")


class ContactMethod(models.TextChoices):
    """How somebody told it to the person who wrote it down."""

    IN_PERSON = "in_person", _("In person")
    PHONE = "phone", _("By phone")
    MEETING = "meeting", _("At a meeting of the village or subdistrict")
    LINE = "line", _("By LINE")
    RADIO = "radio", _("By radio")


class RejectReason(models.TextChoices):
    SPAM = "spam", _("spam")
    ABUSE = "abuse", _("abuse of the form")
    OUT_OF_SCOPE = "out_of_scope", _("outside the work of the centres")
    TEST = "test", _("a test")


class Escalation(models.IntegerChoices):
    """Who has been told that a deadline passed."""

    NONE = 0, _("nobody")
    OFFICER = 1, _("the officer")
    CHIEF = 2, _("the chief")
    HQ = 3, _("the project office")


class Report(models.Model):
    """A report always lies in exactly one queue: its centre's, or HQ's when centre is empty.

    No field says who sent it or from where: text is sealed apart (SealedText), the receipt is a
    keyed hash, and arrival is kept to the hour.
    """

    reference = models.CharField(
        _("reference"), max_length=REFERENCE_LENGTH, unique=True, default=new_reference
    )
    receipt_digest = models.CharField(max_length=64, unique=True, editable=False)
    intake_digest = models.CharField(max_length=64, unique=True, editable=False)
    # Public: answers are sealed to it. Empty until a report from before is looked at.
    receipt_key = models.CharField(max_length=62, editable=False, default="", db_default="")

    channel = models.CharField(_("channel"), max_length=12, choices=Channel)
    contact_method = models.CharField(
        _("how it was told"),
        max_length=10,
        choices=ContactMethod,
        blank=True,
        default="",
        db_default="",
    )
    language = models.CharField(_("language"), max_length=5)
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, verbose_name=_("category")
    )
    district = models.ForeignKey(
        District, models.PROTECT, null=True, blank=True, verbose_name=_("district")
    )
    subdistrict = models.ForeignKey(
        Subdistrict, models.PROTECT, null=True, blank=True, verbose_name=_("subdistrict")
    )
    when = models.CharField(_("when"), max_length=12, choices=When, default=When.UNKNOWN)
    is_urgent = models.BooleanField(_("somebody is in danger now"), default=False)
    concerns_official = models.BooleanField(_("concerns a local official"), default=False)
    received_at = models.DateTimeField(_("received"), help_text=_("To the hour."))

    centre = models.ForeignKey(
        CoordinationCentre,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("queue"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RECEIVED)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_reports",
        verbose_name=_("assigned to"),
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, blank=True)
    evidence_type = models.CharField(
        _("type of evidence"), max_length=20, choices=EvidenceType, blank=True
    )
    reject_reason = models.CharField(
        _("reason for rejecting"), max_length=14, choices=RejectReason, blank=True
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="repeats"
    )
    has_new_answer = models.BooleanField(
        _("new answer of the reporter"), default=False, db_default=False
    )
    # Whether the queue has news of which nobody of it has opened the words: what came in, was sent
    # there, answered or contested. One mark for all who work there, as on a roster, not one each.
    is_unread = models.BooleanField(_("unread"), default=True, db_default=True)
    was_contested = models.BooleanField(_("the reporter contested the closing"), default=False)

    opened_at = models.DateTimeField(_("open since"))
    due_at = models.DateTimeField(_("deadline"), null=True, blank=True)
    escalation = models.PositiveSmallIntegerField(
        _("told that the deadline passed"), choices=Escalation, default=Escalation.NONE
    )

    # What queries add, where they say so.
    has_finding: bool
    is_centre_staffed: bool
    is_assignee_away: bool

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        # Staff rights come from memberships (permissions.py); model permissions would open
        # reports to whoever may edit groups.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(concerns_official=False) | models.Q(centre=None),
                name="report_on_an_official_stays_at_hq",
            ),
            models.CheckConstraint(
                condition=models.Q(status=Status.MERGED, merged_into__isnull=False)
                | (~models.Q(status=Status.MERGED) & models.Q(merged_into=None)),
                name="report_merged_into_another",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=Status.CLOSED) | ~models.Q(outcome=""),
                name="report_closed_with_an_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["centre", "status", "-received_at", "-id"], name="report_queue"),
            models.Index(fields=["centre", "-received_at", "-id"], name="report_queue_all"),
            models.Index(fields=["centre", "due_at", "id"], name="report_queue_due"),
            models.Index(fields=["escalation", "due_at"], name="report_escalation"),
            # HQ's lists run over all queues.
            models.Index(fields=["-received_at", "-id"], name="report_all"),
            models.Index(fields=["status", "-received_at", "-id"], name="report_all_status"),
            models.Index(fields=["due_at", "id"], name="report_all_due"),
            # Whatever an open queue is narrowed to and counted by, in the orders it is read in:
            # a page is chosen from one of these alone, however large the archive.
            open_index("report_open_due", "centre", "due_at", "id"),
            open_index("report_open_age", "centre", "received_at", "id"),
            open_index("report_all_open_due", "due_at", "id"),
            open_index("report_all_open_age", "received_at", "id"),
            # Few at any time, of whatever status.
            models.Index(
                fields=["centre", "-received_at", "-id"],
                condition=models.Q(has_new_answer=True),
                name="report_new_answer",
            ),
            models.Index(
                fields=[
                    *("centre", "due_at", "id", "status", "category", "assignee"),
                    *("is_urgent", "received_at"),
                ],
                condition=models.Q(is_unread=True),
                name="report_unread",
            ),
            # "Assigned to me" at HQ: a few out of all that lies open anywhere.
            open_index("report_open_mine", "assignee", "due_at", "id", assignee__isnull=False),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @property
    def is_overdue(self) -> bool:
        return self.due_at is not None and self.due_at <= timezone.now()

    @property
    def needs_countersignature(self) -> bool:
        """Closing needs a chief or secretary who did not propose it."""
        return self.category is not None and self.category.is_serious
