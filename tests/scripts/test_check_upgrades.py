"""Which migrations are refused because the version before still serves."""

import json

import pytest
from django.db import migrations, models
from django.db.migrations.state import ModelState, ProjectState

import check_upgrades
from home.migration_operations import AddIndexWhileServing

INDEX = models.Index(fields=["name"], name="thing_name")
RULE = models.CheckConstraint(condition=models.Q(size__gte=0), name="thing_size")


def thing() -> ProjectState:
    """A project with one table that the version before reads and writes."""
    state = ProjectState()
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=40, null=True)),
        ("size", models.IntegerField(db_default=0)),
        ("note", models.TextField()),
    ]
    state.add_model(ModelState("things", "Thing", fields))
    return state


def judge(*steps, atomic: bool = True, safe_because: str = "") -> list[str]:
    migration = migrations.Migration("0002_step", "things")
    migration.operations, migration.atomic = list(steps), atomic
    if safe_because:
        migration.safe_because = safe_because
    return check_upgrades.judge(migration, thing())


def add(field: models.Field):
    return migrations.AddField("thing", "more", field)


def alter(name: str, field: models.Field):
    return migrations.AlterField("thing", name, field)


def made(*steps):
    """The same steps on a table that the migration itself makes."""
    fields = [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())]
    return [migrations.CreateModel("Other", fields), *steps]


REFUSED = {
    "a column is dropped": [migrations.RemoveField("thing", "note")],
    "a column is renamed": [migrations.RenameField("thing", "note", "remark")],
    "a table is dropped": [migrations.DeleteModel("Thing")],
    "a table is renamed": [migrations.RenameModel("Thing", "Item")],
    "a table gets another name": [migrations.AlterModelTable("thing", "items")],
    "a column is required": [add(models.TextField())],
    "a default that the database does not know": [add(models.TextField(default=""))],
    "a column with an index": [add(models.TextField(null=True, db_index=True))],
    "a column that is unique": [add(models.TextField(null=True, unique=True))],
    "a reference, which has an index": [
        add(models.ForeignKey("things.Thing", models.CASCADE, null=True))
    ],
    "null is forbidden": [alter("name", models.CharField(max_length=40))],
    "a text shrinks": [alter("name", models.CharField(max_length=20, null=True))],
    "another kind of column": [alter("note", models.IntegerField())],
    "the database's default goes": [alter("size", models.IntegerField(default=0))],
    "an index comes with a column": [alter("note", models.TextField(db_index=True))],
    "an index that locks": [migrations.AddIndex("thing", INDEX)],
    "an index inside a transaction": [AddIndexWhileServing("thing", INDEX)],
    "a rule for existing rows": [migrations.AddConstraint("thing", RULE)],
    "columns unique together": [migrations.AlterUniqueTogether("thing", {("name", "size")})],
    "SQL": [migrations.RunSQL("SELECT 1", "SELECT 1")],
    "data moved beyond return": [migrations.RunPython(lambda apps, editor: None)],
    "data moved beside a change": [
        migrations.RunPython(lambda apps, editor: None, lambda apps, editor: None),
        add(models.TextField(null=True)),
    ],
    "hidden in the database's half": [
        migrations.SeparateDatabaseAndState([migrations.RemoveField("thing", "note")], [])
    ],
}
ACCEPTED = {
    "a table": [migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))])],
    "an index on a new table": made(migrations.AddIndex("other", INDEX)),
    "a rule on a new table": made(migrations.AddConstraint("other", RULE)),
    "a required column of a new table": made(
        migrations.AddField("other", "more", models.TextField())
    ),
    "a column that may be empty": [add(models.TextField(null=True))],
    "a default that the database knows": [add(models.IntegerField(db_default=0))],
    "a table between": [add(models.ManyToManyField("things.Thing"))],
    "a text grows": [alter("name", models.CharField(max_length=80, null=True))],
    "a label": [alter("note", models.TextField("remark"))],
    "null is allowed": [alter("note", models.TextField(null=True))],
    "options": [migrations.AlterModelOptions("thing", {"ordering": ["name"]})],
    "data moved, and back": [
        migrations.RunPython(lambda apps, editor: None, lambda apps, editor: None)
    ],
}


@pytest.mark.parametrize("steps", REFUSED.values(), ids=REFUSED)
def test_what_hurts_the_version_before_is_refused(steps):
    assert judge(*steps)


@pytest.mark.parametrize("steps", ACCEPTED.values(), ids=ACCEPTED)
def test_what_it_does_not_notice_is_accepted(steps):
    assert judge(*steps) == []


def test_an_index_made_outside_a_transaction_is_accepted():
    assert judge(AddIndexWhileServing("thing", INDEX), atomic=False) == []


def test_who_says_why_may_do_it_and_a_single_word_is_no_reason():
    step = migrations.RemoveField("thing", "note")
    assert judge(step, safe_because="Nothing reads it since 1.4.") == []
    assert judge(step, safe_because="trust me")


def test_what_is_refused_is_named():
    (said,) = judge(migrations.RemoveField("thing", "note"))
    assert "note" in said
    assert "drop it one release later" in said


@pytest.mark.django_db  # one of wagtail-localize asks the database while it is read
def test_the_projects_own_migrations_are_judged(tmp_path, monkeypatch, capsys):
    assert check_upgrades.main() == 0
    # 0004 of reporting made an index that locks, before anybody watched; it is in the release.
    nothing = tmp_path / "release.json"
    nothing.write_text(json.dumps({"migrations": {}}))
    monkeypatch.setattr(check_upgrades, "FROZEN", nothing)
    assert check_upgrades.main() == 1
    assert "reporting.0004_log_latest_index" in capsys.readouterr().out
