"""Migration steps that run while the version before them serves."""

from typing import Any

from django.db.migrations.operations import AddIndex


class AddIndexWhileServing(AddIndex):
    """AddIndex that keeps nobody from writing on PostgreSQL. Its migration says `atomic = False`.

    Django's own AddIndexConcurrently knows PostgreSQL alone.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.add_index(model, self.index, **concurrently(schema_editor))

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.remove_index(model, self.index, **concurrently(schema_editor))


def concurrently(schema_editor: Any) -> dict[str, bool]:
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    # A migration that is collected into a script, or run inside a transaction, has to lock.
    in_transaction = schema_editor.connection.in_atomic_block
    return {"concurrently": True} if is_postgresql and not in_transaction else {}
