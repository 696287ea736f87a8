"""What the office and a reporter write to each other."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from reporting.models.report import Report
from reporting.models.sealed import SealedText


class Message(models.Model):
    """One message. Its words are sealed; a reporter's is kept to the hour.

    Nothing tells whether or when a reporter read it: whoever looks leaves no trace.
    """

    class Sender(models.TextChoices):
        CENTRE = "centre", _("The coordination centre")
        OFFICE = "office", _("The project office")
        REPORTER = "reporter", _("You")

    report = models.ForeignKey(Report, models.PROTECT, related_name="messages")
    sender = models.CharField(_("sender"), max_length=8, choices=Sender)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField(_("time"))
    text = models.OneToOneField(SealedText, models.PROTECT, related_name="+")
    token_digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        default_permissions = ()
        ordering = ["pk"]
        constraints = [
            # The same form, sent twice, is one message.
            models.UniqueConstraint(fields=["report", "token_digest"], name="message_sent_once"),
            models.CheckConstraint(
                condition=models.Q(sender="reporter", written_by=None)
                | (~models.Q(sender="reporter") & models.Q(written_by__isnull=False)),
                name="message_of_staff_names_its_writer",
            ),
        ]

    def __str__(self) -> str:
        return self.get_sender_display()

    @property
    def is_of_reporter(self) -> bool:
        return self.sender == self.Sender.REPORTER
