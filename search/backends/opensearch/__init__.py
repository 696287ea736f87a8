"""Search in OpenSearch (SEARCH_URL), and in the database while OpenSearch does not answer.

Its index holds the same tokens as the database's (search/tokens.py), cut at spaces and left as
they are, so that Thai is found alike. The database's own index is kept beside it: that is what
answers when this one cannot. docs/design.md, section 6, has the rest.
"""

import json
from functools import cache
from typing import Any

from modelsearch.backends.opensearch3 import OpenSearch3SearchBackend
from opensearchpy import OpenSearch
from opensearchpy.helpers import bulk
from wagtail.models import Page
from wagtail.search.backends import get_search_backend

from .index import TokenIndex, TokenMapping
from .queries import PATIENCE, TokenAutocompleteCompiler, TokenQueryCompiler, TokenResults

INDEXING_PATIENCE = 30  # seconds; only workers and commands wait so long
PARCEL = 10 * 1024 * 1024  # bytes of one request that fills the index


class OpenSearchBackend(OpenSearch3SearchBackend):
    """Made anew for every search, so the connections are kept apart from it."""

    mapping_class = TokenMapping
    index_class = TokenIndex
    query_compiler_class = TokenQueryCompiler
    autocomplete_query_compiler_class = TokenAutocompleteCompiler
    results_class = TokenResults
    catch_indexing_errors = False  # whoever indexes is a task, and a task is tried again
    settings = {
        "settings": {
            "analysis": {
                "analyzer": {"default": {"type": "custom", "tokenizer": "spaces"}},
                # The tokenizer's own limit would cut the token of a very long word.
                "tokenizer": {"spaces": {"type": "whitespace", "max_token_length": 1000}},
            }
        }
    }

    @staticmethod
    def client_class(hosts: list[dict[str, Any]], **options: Any) -> OpenSearch:
        return _client(json.dumps(hosts))

    def bulk(self, client: OpenSearch, actions: list[dict], **options: Any) -> Any:
        return bulk(client, actions, max_chunk_bytes=PARCEL, **options)


@cache
def _client(hosts: str) -> OpenSearch:
    return OpenSearch(json.loads(hosts), timeout=INDEXING_PATIENCE, max_retries=0)


def is_filled() -> bool:
    """Whether OpenSearch answers and `update_index` ran. Raises what the client raises."""
    backend = get_search_backend()
    name = backend.get_index_for_model(Page).name
    return bool(backend.es.indices.exists_alias(name=name, request_timeout=PATIENCE))


SearchBackend = OpenSearchBackend
