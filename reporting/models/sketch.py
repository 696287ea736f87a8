from django.db import models

from reporting.models.centre import CoordinationCentre


class Sketch(models.Model):
    """How a report's text can be compared within its queue; sketches.py tells what it gives away.

    `places` is empty when the text has too few words.
    """

    report = models.OneToOneField(
        "reporting.Report", models.CASCADE, primary_key=True, related_name="sketch"
    )
    # The queue under whose key it was made: in another it tells nothing.
    centre = models.ForeignKey(CoordinationCentre, models.PROTECT, null=True, related_name="+")
    places = models.BinaryField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "sketch"


class SketchBand(models.Model):
    """A number that alike texts of one queue are likely to share; of another queue's, by chance."""

    report = models.ForeignKey("reporting.Report", models.CASCADE, related_name="sketch_bands")
    number = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["number", "report"], name="sketch_band_number")]

    def __str__(self) -> str:
        return "band of a sketch"
