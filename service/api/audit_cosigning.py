"""Takes in what witnesses sign, each checked by the agreed key before it is kept."""

from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection

from domain.refusals import NotAllowed
from domain.values import Actor
from infra.audit import ahead, store
from infra.audit.ahead import Stands
from infra.audit.checkpoint import Checkpoint
from infra.audit.note import BadNote, Note, Signed
from infra.audit.store import Sealed, Tree
from infra.audit.writing import add_cosignature
from service.api.audit_asking import (
    agency_in,
    bad_note,
    no_such_checkpoint,
    require_may_read,
)
from service.audit_log import keys_told, witnesses_of
from service.services import Services

MOST_BYTES: Final = 64_000

log = structlog.get_logger(__name__)


def take_cosignatures(services: Services, actor: Actor, body: bytes) -> bool:
    """Keep the lines of witnesses under a checkpoint; says whether one of them was not known.

    A checkpoint that the log signed once and does not hold any more is kept too: then an older
    copy of the database was put in place, and nothing more is written until that is healed.

    Raises:
        Invalid: it is no note, or a line is not what its witness would have signed.
        NotAllowed: no witness of the policy has signed it, or it is of another agency's access log.
        Conflict: the log has no such checkpoint, or not any more.
    """
    require_may_read(services, actor)
    note = _note(body)
    require_may_read(services, actor, agency_in(note.text.partition("\n")[0]))
    at = services.clock()
    with services.samsyn.engine.execution_options(writes=True).begin() as db:
        found = _checkpoint(db, note)
        if found is None:
            _keep_if_ahead(db, services, note, at)
        else:
            tree, sealed = found
            added = [_add(db, tree, sealed, each, at) for each in _checked(services, note)]
            return any(added)
    raise no_such_checkpoint()


def _keep_if_ahead(db: Connection, services: Services, note: Note, at: datetime) -> None:
    try:
        witnesses = witnesses_of(services.settings).witnesses.values()
        told = ahead.signed_by_both(note, keys_told(db, note.text.partition("\n")[0]), witnesses)
        if ahead.stands(db, told) is not Stands.HELD and ahead.keep(db, note, at):
            log.error("audit_behind_witness", origin=told.origin, size=told.size)
    except BadNote:
        log.warning("audit_unknown_checkpoint")  # anybody can make one up: it proves nothing


def _note(body: bytes) -> Note:
    try:
        # A note that is cut is none: what is too long need not be read to its end.
        return Note.parse(body[:MOST_BYTES].decode("utf-8"))
    except (BadNote, UnicodeDecodeError) as error:
        raise bad_note(
            "no_signed_note",
            "Skicka kontrollpunktens text, en tom rad och vittnets rad.",
            "Send the checkpoint's text, an empty line and the witness's line.",
        ) from error


def _checkpoint(db: Connection, note: Note) -> tuple[Tree, Sealed] | None:
    try:
        told = Checkpoint.parse(note.text)
    except BadNote:
        return None
    tree = store.tree_of(db, told.origin)
    sealed = store.checkpoint_at(db, tree.tree, told.size) if tree else None
    if tree is None or sealed is None or Note.parse(sealed.note).text != note.text:
        return None
    return tree, sealed


def _checked(services: Services, note: Note) -> list[Signed]:
    known = {(key.name, key.key_id) for key in witnesses_of(services.settings).witnesses.values()}
    if not any((line.name, line.key_id) in known for line in note.signatures):
        raise NotAllowed(
            "unknown_witness",
            "Inget av de överenskomna vittnena har skrivit under.",
            "None of the agreed witnesses has signed.",
        )
    try:
        return note.checked(witnesses_of(services.settings).witnesses.values())
    except BadNote as error:
        raise bad_note(
            "bad_cosignature",
            "En rad är inte vittnets underskrift av den här kontrollpunkten.",
            "A line is not its witness's signature of this checkpoint.",
        ) from error


def _add(db: Connection, tree: Tree, sealed: Sealed, signed: Signed, at: datetime) -> bool:
    name, line = signed.key.name, signed.signature.line
    return add_cosignature(db, tree.tree, sealed.size, name, line, at)
