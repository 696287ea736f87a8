from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0015_category_in_lao_and_khmer"),
    ]

    operations = [
        migrations.CreateModel(
            name="Agency",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.SlugField(
                        help_text="Small Latin letters. Referrals carry it, so it stays as it is.",
                        max_length=20,
                        unique=True,
                        verbose_name="code",
                    ),
                ),
                ("name_th", models.CharField(max_length=120, verbose_name="name in Thai")),
                ("name_en", models.CharField(max_length=120, verbose_name="name in English")),
                (
                    "how_to_reach",
                    models.TextField(
                        blank=True,
                        help_text="An office and a number. Shown to officers beside the referral.",
                        max_length=500,
                        verbose_name="how officers reach it",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(default=True, verbose_name="offered to officers"),
                ),
                ("sort_order", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
                ("reference_values", models.JSONField(default=dict, editable=False)),
            ],
            options={
                "verbose_name": "partner agency",
                "verbose_name_plural": "partner agencies",
                "ordering": ["sort_order", "code"],
            },
        ),
    ]
