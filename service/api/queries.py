"""The table of every query of the API, by name."""

from service.api.asking import Query
from service.api.directory_queries import DIRECTORY_QUERIES

QUERIES: dict[str, Query] = {query.name: query for query in DIRECTORY_QUERIES}
"""Every query by its operationId."""
