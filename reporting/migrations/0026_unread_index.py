from django.db import migrations, models

from home.migration_operations import AddIndexWhileServing


class Migration(migrations.Migration):
    atomic = False  # an index is made while reports go on being filed

    dependencies = [("reporting", "0025_mark_what_nobody_opened")]

    operations = [
        AddIndexWhileServing(
            model_name="report",
            index=models.Index(
                condition=models.Q(("is_unread", True)),
                fields=[
                    *("centre", "due_at", "id", "status", "category", "assignee"),
                    *("is_urgent", "received_at"),
                ],
                name="report_unread",
            ),
        ),
    ]
