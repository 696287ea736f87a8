from django.db import migrations, models


class Migration(migrations.Migration):
    """What is there counts as read, what comes from now on as unread, whichever version files it."""

    dependencies = [("reporting", "0023_findings_reversed")]

    operations = [
        migrations.AddField(
            model_name="report",
            name="is_unread",
            field=models.BooleanField(db_default=False, default=True, verbose_name="unread"),
        ),
        migrations.AlterField(
            model_name="report",
            name="is_unread",
            field=models.BooleanField(db_default=True, default=True, verbose_name="unread"),
        ),
    ]
