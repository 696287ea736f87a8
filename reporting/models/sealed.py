from django.db import models
from django.utils.translation import gettext_lazy as _


class SealedText(models.Model):
    """Words about a report that only a named key opens. Read them through texts.py."""

    class Kind(models.TextChoices):
        NARRATIVE = "narrative", _("what was seen")
        NOTE = "note", _("note")
        REASON = "reason", _("reason for a finding")
        PACK = "pack", _("redacted pack")
        ANSWER = "answer", _("answer of the agency")
        MESSAGE = "message", _("message to the reporter")
        REPLY = "reply", _("answer of the reporter")

    report = models.ForeignKey("reporting.Report", models.PROTECT, related_name="sealed_texts")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    sealed_to = models.JSONField(_("names of the keys that open it"))
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("sealed text")
        verbose_name_plural = _("sealed texts")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["report"],
                condition=models.Q(kind="narrative"),
                name="sealed_text_one_narrative",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
