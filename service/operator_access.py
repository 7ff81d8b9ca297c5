"""Notes in the agencies' access logs what whoever runs Samsyn takes out of the database.

The command line has no user of an agency: what it hands out that tells of issues is noted under a
name of its own in the log of every agency whose managers it concerns, before it is handed out. No
row, no file.
"""

from collections.abc import Iterable

from domain.access import AccessKind
from domain.values import OPERATIONS_ID, Actor, Role
from infra.ids import new_id
from projections.viewer import Viewer
from service.access import a_list
from service.assembly import Samsyn
from service.tracing import traced


def note_taken_out(samsyn: Samsyn, command: str, agency_ids: Iterable[str]) -> None:
    """Add a row for each agency, or raise and let nothing be taken out.

    ``command`` is what was asked for, such as ``export ocel``, without any argument. The rows have
    no reason: who looks through the log is to see them.

    Raises:
        DBAPIError: a row could not be added.
    """
    with traced(new_id().hex, {"method": "samsyn", "path_template": command}):
        for agency_id in agency_ids:
            actor = Actor(user_id=OPERATIONS_ID, agency_id=agency_id, role=Role.SYSTEM)
            samsyn.access.taken_out(Viewer(actor, authority=True), a_list(AccessKind.EXPORT))
