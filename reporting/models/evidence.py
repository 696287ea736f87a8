"""Files of reporters: what is known of them, and where their sealed pieces lie."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Attachment(models.Model):
    """One file under a report. Neither its name nor the moment it came is kept.

    What arrived and its clean copy are sealed apart, in pieces (SealedPiece). `kind` is known once
    it was cleaned, because nobody is believed about it.
    """

    class Kind(models.TextChoices):
        PHOTO = "photo", _("photograph")
        VIDEO = "video", _("film")
        AUDIO = "audio", _("sound recording")
        PDF = "pdf", _("PDF document")

    class Status(models.TextChoices):
        ARRIVING = "arriving", _("arriving")
        WAITING = "waiting", _("being checked")
        CLEAN = "clean", _("received")
        REFUSED = "refused", _("could not be used")

    class Refusal(models.TextChoices):
        UNKNOWN = "unknown", _("not a photograph, film, recording or PDF")
        DAMAGED = "damaged", _("cut off, broken or locked")
        TOO_LARGE = "too_large", _("the picture is too large")
        TOO_LONG = "too_long", _("too long")
        TOO_HEAVY = "too_heavy", _("it took too long to open")
        INCOMPLETE = "incomplete", _("only a part of it arrived")

    report = models.ForeignKey("reporting.Report", models.PROTECT, related_name="attachments")
    number = models.PositiveSmallIntegerField(_("number in the report"))
    upload_digest = models.CharField(max_length=64)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ARRIVING)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind, blank=True)
    refusal = models.CharField(_("why not"), max_length=10, choices=Refusal, blank=True)
    size = models.PositiveBigIntegerField(_("bytes that were sent"))
    clean_size = models.PositiveBigIntegerField(_("bytes of the clean copy"), default=0)
    arrived_at = models.DateTimeField(_("arrived"), help_text=_("To the hour."))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        default_permissions = ()
        ordering = ["report", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "number"], name="attachment_number_in_report"
            ),
            models.UniqueConstraint(
                fields=["report", "upload_digest"], name="attachment_once_in_report"
            ),
            models.CheckConstraint(
                condition=(Q(status="refused") & ~Q(refusal=""))
                | (~Q(status="refused") & Q(refusal="")),
                name="attachment_refused_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status="clean") | ~Q(kind=""), name="attachment_clean_has_a_kind"
            ),
        ]
        indexes = [
            models.Index(
                fields=["arrived_at"], name="attachment_arriving", condition=Q(status="arriving")
            )
        ]

    def __str__(self) -> str:
        return _("File %(number)s") % {"number": self.number}

    @property
    def is_clean(self) -> bool:
        return self.status == self.Status.CLEAN


class SealedPiece(models.Model):
    """A piece of a file, sealed like the texts of its report. Its name in storage tells nothing."""

    class Part(models.TextChoices):
        ORIGINAL = "original", _("as it was sent")
        CLEAN = "clean", _("clean copy")

    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="pieces")
    part = models.CharField(max_length=8, choices=Part)
    number = models.PositiveIntegerField()
    stored_as = models.CharField(max_length=40, unique=True)
    sealed_to = models.JSONField(_("names of the keys that open it"))

    class Meta:
        verbose_name = _("sealed piece")
        verbose_name_plural = _("sealed pieces")
        default_permissions = ()
        ordering = ["attachment", "part", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["attachment", "part", "number"], name="sealed_piece_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.number}"


class OriginalRequest(models.Model):
    """Somebody's wish to see a file as it was sent, and whether somebody else allowed it."""

    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="original_requests")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    allowed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    allowed_at = models.DateTimeField(_("allowed"), null=True)
    opened_at = models.DateTimeField(_("opened"), null=True)

    class Meta:
        verbose_name = _("request for an original")
        verbose_name_plural = _("requests for originals")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(allowed_by=None) | ~Q(allowed_by=models.F("asked_by")),
                name="original_allowed_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(opened_at=None) | ~Q(allowed_by=None),
                name="original_opened_when_allowed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.attachment)
