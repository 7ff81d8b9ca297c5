"""Who may ask what of the audit log, and how it is asked for."""

import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request
from sqlalchemy import Connection

from domain.refusals import Conflict, FieldError, Invalid, NotAllowed, NotFound
from domain.values import Actor, Role
from infra.access.leaves import KIND, kind_of_agency
from infra.audit import store
from infra.audit.leaf import ISSUES, stream_in
from infra.audit.store import Tree
from projections.visibility import reads_issue
from service.services import Services

WITNESSES: Final = (Role.AUDITOR, Role.MANAGER, Role.ADMIN)
"""Whose agency checks the log with their credentials: they see types and times, never contents."""
_ACCESS_ORIGIN: Final = re.compile(f"/{KIND}([^/]+)/[0-9]+(?:-[0-9]+)?$")


def require_may_read(services: Services, actor: Actor, agency_id: str | None = None) -> None:
    """The log as a whole is for those of an authority who answer for its trail.

    An agency's access log, which is named by ``agency_id``, is for its own alone.

    Raises:
        NotAllowed: the role or agency is another.
    """
    if actor.role in WITNESSES and services.viewer_of(actor).authority:
        if agency_id in {None, actor.agency_id}:
            return
        raise NotAllowed(
            "not_your_agency",
            "En myndighets åtkomstlogg läses och bevittnas bara av myndigheten själv.",
            "An agency's access log is read and witnessed by that agency alone.",
        )
    raise NotAllowed(
        "not_for_this_role",
        "Revisionsloggen läses av en myndighets granskare, chef eller systemförvaltare.",
        "The audit log is read by an authority's auditor, manager or administrator.",
        who_may=tuple(role.value for role in WITNESSES),
    )


def require_may_prove(db: Connection, services: Services, actor: Actor, event_id: UUID) -> None:
    """Of an event, who may read the log, and who may read its issue.

    Raises:
        NotFound: it is not sealed yet, or not for this actor: nobody is told which.
    """
    viewer = services.viewer_of(actor)
    if actor.role in WITNESSES and viewer.authority:
        return
    leaf = store.leaf_about(db, event_id)
    stream = stream_in(leaf.entry) if leaf else None
    if stream is None or not reads_issue(db, viewer, stream):
        raise no_proof_yet()


def tree_asked(db: Connection, request: Request[Any, Any, Any]) -> Tree:
    """The tree of the year in the path, or else the one that grows; of the log in the path.

    Raises:
        NotFound: there is none.
    """
    part: str | None = request.path_params.get("part")
    agency_id = agency_asked(request)
    kind = ISSUES if agency_id is None else kind_of_agency(agency_id)
    tree = store.tree_named(db, kind, part) if part else store.last_tree(db, kind)
    if tree is None:
        raise nothing_here()
    return tree


def agency_asked(request: Request[Any, Any, Any]) -> str | None:
    """Whose access log is asked for; None where it is the log of issues."""
    found: str | None = request.path_params.get("agency_id")
    return found


def agency_in(origin: str) -> str | None:
    """Whose access log an origin is of."""
    found = _ACCESS_ORIGIN.search(origin)
    return found[1] if found else None


def signed_before(request: Request[Any, Any, Any], tree: Tree) -> int | None:
    """What a witness that asks has signed of a tree, None if it is not said."""
    said = dict(each.rsplit(" ", 1) for each in _signed(request))
    return _size(said.get(tree.origin, ""))


def sizes_of(given: Mapping[str, str], most: int) -> tuple[int, int]:
    """The two sizes, `from` and `to`, of which the second may be left out.

    Raises:
        Invalid: they are no sizes that lead from one tree to a later one.
    """
    old, new = (_size(given.get(name, default)) for name, default in (("from", ""), ("to", most)))
    errors: list[FieldError] = []
    if old is None or not 0 < old <= most:
        errors.append(_bad("from", most))
    if new is None or not (old or 1) <= new <= most:
        errors.append(_bad("to", most))
    if errors or old is None or new is None:
        raise Invalid(tuple(errors))
    return old, new


def nothing_here() -> NotFound:
    """There is no such tile, checkpoint or year, or not yet."""
    return NotFound(
        "no_such_part", "Den delen av loggen finns inte.", "There is no such part of the log."
    )


def no_proof_yet() -> NotFound:
    """The event is not sealed, or not to be seen."""
    return NotFound(
        "no_proof_yet",
        "Det finns inget bevis för händelsen än. Försök igen om en minut.",
        "There is no proof of the event yet. Try again in a minute.",
    )


def no_such_checkpoint() -> Conflict:
    """What was signed is not what the log signed."""
    return Conflict(
        "no_such_checkpoint",
        "Loggen har ingen sådan kontrollpunkt.",
        "The log has no such checkpoint.",
        happened="no_such_checkpoint",
    )


def bad_note(code: str, sv: str, en: str) -> Invalid:
    """The body is not what a witness hands in."""
    return Invalid((FieldError(field="body", code=code, sv=sv, en=en),))


def _signed(request: Request[Any, Any, Any]) -> list[str]:
    given: list[str] = request.query_params.getall("signed", [])
    return [each for each in given if " " in each]


def _size(text: object) -> int | None:
    told = str(text)
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 19 else None  # noqa: PLR2004  digits of a bigint


def _bad(name: str, most: int) -> FieldError:
    return FieldError(
        field=name,
        code="out_of_range",
        sv=f"Ange en storlek från 1 till {most}, den äldre som from.",
        en=f"Give a size from 1 to {most}, the older one as from.",
    )
