"""What people read goes through the access log: no other way to the database answers them."""

import ast
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.repository import python_files, syntax

SEAM: Final = {Path("service/pages/frame.py"), Path("service/api/answering.py")}
"""Where the way to the database begins, for pages and for answers of the API."""
SEALED_LOG: Final = {Path("service/api/audit_routes.py"), Path("service/api/audit_cosigning.py")}
"""What they read says nothing of an issue's content: times, ids and commitments."""
COUNTS: Final = {
    "access_review.py": "how much of the agency's own access log a signature is for",
    "action_form.py": "an issue's id by its number",
    "command_form.py": "an issue's id by its number",
    "commands.py": "the id of the report that is next in the inbox",
    "frame.py": "how many wait behind an entry of the menu",
    "issues.py": "how many issues are new beside the list on a screen",
    "live_parts.py": "whether an issue that is open on a screen has another version now",
    "my_day.py": "whether what a day starts with has changed beside the page on a screen",
    "neighbours.py": "ids of issues before and after one",
    "queues.py": "how many lines are new beside the list on a screen",
    "reports.py": "an issue's id by its number, and how many reports are new",
    "trail_health.py": "how far the audit log is sealed, witnessed and whole, as entries tell",
    "views.py": "how many lines a saved view has",
}
"""Who asks for numbers and ids alone, which nobody logs, and for which."""
ANSWERING: Final = {
    path for path in python_files("service") if path.parts[1] in {"pages", "api"}
} - SEAM


def ways(path: Path) -> set[str]:
    """Attributes by which a module comes to a connection, without what is behind their names."""
    names = {node.attr for node in ast.walk(syntax(path)) if isinstance(node, ast.Attribute)}
    return names & {"engine", "raw_connection", "connection", "for_pages", "transaction"}


@pytest.mark.parametrize("path", sorted(ANSWERING - SEALED_LOG), ids=str)
def test_nothing_that_answers_people_opens_a_connection(path: Path) -> None:
    assert ways(path) == set()


def test_only_these_ask_without_a_row_in_the_access_log() -> None:
    asking = {
        path.name
        for path in python_files("service")
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Attribute) and node.attr == "counting"
    }
    assert asking == set(COUNTS)
