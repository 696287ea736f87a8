"""What OpenSearch holds: modelsearch's own layout, with tokens in place of texts."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from modelsearch.backends.opensearch3 import OpenSearch3Index, OpenSearch3Mapping
from opensearchpy.exceptions import ConflictError, NotFoundError
from wagtail.search.index import RelatedFields

from search.backends.indexing import tokenised

COMPLETION_LENGTH = "_completion_length"


class TokenMapping(OpenSearch3Mapping):
    edgengram_analyzer_config: dict[str, str] = {}  # beginnings are asked for, not indexed

    def get_mapping(self) -> dict[str, Any]:
        mapping = super().get_mapping()
        mapping["properties"][COMPLETION_LENGTH] = {"type": "integer"}
        # A field that came with an upgrade is left out until update_index ran, rather than guessed.
        return {"dynamic": False, **mapping}

    def get_document(self, obj: models.Model) -> dict[str, Any]:
        document = super().get_document(obj)
        document[COMPLETION_LENGTH] = sum(map(len, document["_edgengrams"]))
        return document

    def _get_document_field_data(self, field: Any, obj: models.Model) -> tuple[str, Any, list]:
        # The fields of a related object come through here themselves.
        field = field if isinstance(field, RelatedFields) else tokenised(field)
        return super()._get_document_field_data(field, obj)


class TokenIndex(OpenSearch3Index):
    """An alias, or the index that update_index fills before the alias moves to it.

    Nothing is written under a name that is not there yet: OpenSearch would make an index of its
    own guesses. update_index reads everything from the database anyway.
    """

    def show(self, obj: models.Model, read_at: int) -> None:
        """Writes an object as it was read at a moment, unless a later reading is there."""
        mapping = self.mapping_class(type(obj))
        try:
            self.es.index(
                index=self.name,
                id=mapping.get_document_id(obj),
                body=mapping.get_document(obj),
                params={"version": read_at, "version_type": "external", "require_alias": "true"},
            )
        except (ConflictError, NotFoundError):
            pass

    def forget(self, pk: Any, read_at: int) -> None:
        """Takes out what was not there at a moment, unless a later reading is there."""
        # With a version of ours OpenSearch makes an index even to delete, and knows no
        # require_alias there.
        if not self.exists():
            return
        try:
            self.es.delete(
                index=self.name,
                id=str(pk),
                params={"version": read_at, "version_type": "external"},
            )
        except (ConflictError, NotFoundError):
            pass

    def add_items(self, model: type[models.Model], items: Iterable[models.Model]) -> None:
        if self.exists():
            super().add_items(model, items)
