from django.db import models


class PublicChange(models.Model):
    """One row for each change of what readers see; home.changes makes and reads them.

    Rows are added and never altered, so that two editors at once never wait for each other.
    """

    class Meta:
        verbose_name = "change of what readers see"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)
