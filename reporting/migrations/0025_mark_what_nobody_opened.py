from django.db import migrations, models

OPEN = ("received", "queued", "verifying", "referred", "closing")
BATCH = 1000


def mark(apps, schema_editor):
    """Open reports whose words nobody opened since they came into their queue."""
    Report, LogEntry = (apps.get_model("reporting", name) for name in ("Report", "LogEntry"))
    readings = LogEntry.objects.filter(report=models.OuterRef("pk"), action="read")
    sent_on = LogEntry.objects.filter(report=models.OuterRef("report"), action="reroute")
    latest = sent_on.order_by("-number").values("number")[:1]
    since = models.functions.Coalesce(models.Subquery(latest), 0)
    read = readings.annotate(since=since).filter(number__gt=models.F("since"))
    last = 0
    while pks := list(
        Report.objects.filter(models.Q(has_new_answer=True) | ~models.Exists(read), pk__gt=last)
        .filter(status__in=OPEN)
        .order_by("pk")
        .values_list("pk", flat=True)[:BATCH]
    ):
        Report.objects.filter(pk__in=pks).update(is_unread=True)
        last = pks[-1]


class Migration(migrations.Migration):
    atomic = False  # batch by batch, while people work

    dependencies = [("reporting", "0024_report_is_unread")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
