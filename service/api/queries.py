"""The table of every query of the API, by name."""

from service.api.as_of_queries import AS_OF_QUERIES
from service.api.asking import Query
from service.api.directory_queries import DIRECTORY_QUERIES
from service.api.figure_queries import FIGURE_QUERIES
from service.api.issue_queries import ISSUE_QUERIES
from service.api.queue_queries import QUEUE_QUERIES
from service.api.story_queries import STORY_QUERIES

QUERIES: dict[str, Query] = {
    query.name: query
    for query in (
        *ISSUE_QUERIES,
        *STORY_QUERIES,
        *AS_OF_QUERIES,
        *QUEUE_QUERIES,
        *FIGURE_QUERIES,
        *DIRECTORY_QUERIES,
    )
}
"""Every query by its operationId."""
