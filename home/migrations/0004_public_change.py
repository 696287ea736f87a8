from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0003_emergency_numbers_are_checked"),
    ]

    operations = [
        migrations.CreateModel(
            name="PublicChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "verbose_name": "change of what readers see",
                "default_permissions": (),
            },
        ),
    ]
