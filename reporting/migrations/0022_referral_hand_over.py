import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    safe_because = (
        "The column `agency` keeps its name, its type and its values, without index or constraint: "
        "only what the code makes of a code changes. The other columns may be null."
    )

    dependencies = [
        ("reporting", "0021_fill_agencies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="referral",
            name="handed_over_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="referral",
            name="handed_over_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="referral",
            name="agency",
            field=models.ForeignKey(
                db_column="agency",
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="referrals",
                to="reporting.agency",
                to_field="code",
                verbose_name="agency",
            ),
        ),
    ]
