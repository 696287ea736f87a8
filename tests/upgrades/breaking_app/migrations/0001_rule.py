import os

from django.db import migrations

# No two reports may share a status: the demo has many that do. No two share an id.
COLUMN = "status" if os.environ.get("BREAKS") else "id"


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial")]
    operations = [
        migrations.RunSQL(f"CREATE UNIQUE INDEX planted_rule ON reporting_report ({COLUMN})")
    ]
