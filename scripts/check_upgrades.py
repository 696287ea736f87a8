"""Finds migrations that would hurt while the version before them still serves.

An upgrade migrates first and replaces the processes one by one, so for a while the former
version reads and writes the new tables: what it names must still be there, what it does not know
must not be asked of it, and nobody may wait behind a lock. docs/development.md, "Migrations",
tells how to get there in two releases. Every migration of ours that is newer than the frozen
release (tests/upgrades/release) is judged. Who knows better writes the reason into the migration:

    class Migration(migrations.Migration):
        safe_because = "The column is read by nothing since release 1.4."
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Field

ROOT = Path(__file__).resolve().parent.parent
FROZEN = ROOT / "tests" / "upgrades" / "release" / "release.json"

STILL_NAMED = "the version before still names it; drop it one release later"
UNKNOWN = "nobody has judged this operation; say why it is safe"
# What the former version does not notice, and no writer waits for.
HARMLESS = (
    operations.CreateModel,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
    operations.AlterModelTableComment,
    operations.RemoveIndex,
    operations.RenameIndex,
    operations.RemoveConstraint,
)
DROPPED = (
    operations.RemoveField,
    operations.RenameField,
    operations.DeleteModel,
    operations.RenameModel,
    operations.AlterModelTable,
)


def main() -> int:
    django.setup()
    from django.apps import apps
    from django.db.migrations.loader import MigrationLoader

    ours = {app.label for app in apps.get_app_configs() if ROOT in Path(app.path).parents}
    ours -= {app.label for app in apps.get_app_configs() if ".venv" in Path(app.path).parts}
    known = json.loads(FROZEN.read_text())["migrations"]
    loader = MigrationLoader(None)
    state = ProjectState()
    complaints = []
    for app, name in in_order(loader):
        migration = loader.graph.nodes[app, name]
        if app in ours and name not in known.get(app, []):
            complaints += [f"{app}.{name}: {words}" for words in judge(migration, state)]
        state = migration.mutate_state(state, preserve=False)
    print("\n".join(complaints), end="\n" if complaints else "")
    return 1 if complaints else 0


def in_order(loader: Any) -> list[tuple[str, str]]:
    """Every migration, each after those it depends on."""
    found: dict[tuple[str, str], None] = {}
    for leaf in loader.graph.leaf_nodes():
        found |= dict.fromkeys(loader.graph.forwards_plan(leaf))
    return list(found)


def judge(migration: Migration, state: ProjectState) -> list[str]:
    """What is wrong with a migration that starts from `state`; nothing when it says why not."""
    reason = getattr(migration, "safe_because", "")
    if isinstance(reason, str) and len(reason.split()) >= 3:
        return []
    known = set(state.models)  # what is made by the same migration is empty, and nobody's yet
    state = state.clone()
    complaints = []
    for operation in flat(migration.operations):
        complaints += [
            f"{operation.describe()}: {words}"
            for words in _complaints(operation, migration, state, known)
        ]
        operation.state_forwards(migration.app_label, state)
    return complaints


def flat(steps: list[Operation]) -> Iterator[Operation]:
    for step in steps:
        if isinstance(step, operations.SeparateDatabaseAndState):
            yield from flat(step.database_operations)
        else:
            yield step


def _complaints(
    operation: Operation, migration: Migration, state: ProjectState, known: set[tuple[str, str]]
) -> Iterator[str]:
    model = (migration.app_label, _model_name(operation))
    if type(operation).__name__ == "AddIndexWhileServing":
        if migration.atomic:
            yield "inside a transaction it locks; write `atomic = False`"
    elif isinstance(operation, HARMLESS):
        return
    elif isinstance(operation, operations.RunPython):
        yield from _data(operation, migration)
    elif isinstance(operation, operations.RunSQL):
        yield UNKNOWN
    elif isinstance(operation, DROPPED):
        yield STILL_NAMED
    elif model not in known:
        return
    elif isinstance(operation, operations.AddField):
        yield from _added(operation.field)
    elif isinstance(operation, operations.AlterField):
        before = state.models[model].fields[operation.name]
        yield from _altered(before, operation.field)
    elif isinstance(operation, operations.AddIndex):
        yield "writers wait for it; use home.migration_operations.AddIndexWhileServing"
    elif isinstance(operation, operations.AddConstraint):
        yield "rows of the version before may break it; say why none does"
    else:
        yield UNKNOWN


def _model_name(operation: Operation) -> str:
    name = getattr(operation, "model_name", None) or getattr(operation, "name", None) or ""
    return str(name).lower()


def _data(operation: operations.RunPython, migration: Migration) -> Iterator[str]:
    if operation.reverse_code is None:
        yield "it cannot be undone; give it a reverse_code"
    if len(migration.operations) > 1:
        yield "moving data is a migration of its own"


def _added(field: Field) -> Iterator[str]:
    if field.many_to_many:
        return
    if field.generated:
        yield "writers wait while the table is written anew; fill a plain column instead"
    # Django takes a mere default away again when the column is filled.
    elif not field.null and not field.has_db_default():
        yield "the version before writes rows without it; allow null or give it a db_default"
    if field.unique or field.db_index:
        yield "writers wait for its index; add the column without one, then AddIndexWhileServing"


def _altered(before: Field, after: Field) -> Iterator[str]:
    if type(before) is not type(after) or before.db_column != after.db_column:
        yield "another kind of column; add a new one, fill it, and drop this one release later"
    if before.null and not after.null:
        yield "the version before may still write nothing into it"
    for limit in ("max_length", "max_digits", "decimal_places"):
        now, then = getattr(after, limit, None), getattr(before, limit, None)
        if now is not None and (then is None or now < then):
            yield f"its {limit} shrinks, and the version before may write more"
    if before.has_db_default() and not after.has_db_default():
        yield "the version before leaves its value to the database"
    if (after.unique and not before.unique) or (after.db_index and not before.db_index):
        yield "writers wait for its index; use AddIndexWhileServing or say why nobody does"


if __name__ == "__main__":
    sys.exit(main())
