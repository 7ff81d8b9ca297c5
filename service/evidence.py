"""Evidence of one issue to take away: its story and proofs that check out without Samsyn."""

import io
import time
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from domain.log_entry import LogEntry
from infra.audit import store, verify
from infra.audit.leaf import ISSUES, stream_in
from infra.audit.store import Tree
from service.assembly import Samsyn
from service.audit_log import policy_of, proof_of
from service.receipts import Receipts
from service.settings import Settings

PATIENCE_SECONDS: Final = 5.0
"""So long it waits for what has just happened to be sealed."""
_LOOK_AGAIN_SECONDS: Final = 0.1

_SV: Final = """\
BEVIS FRÅN SAMSYN

berattelse.txt   vad som hände i ärendet, och vilket bevis som hör till varje händelse
{years}
kvitton/         Samsyns underskrivna löfte för varje händelse: den är i loggen inom en minut
kvittonyckel     det som kvittona granskas med
verify.py        granskaren: en enda fil som inte behöver något av Samsyn

I mappen för ett år finns bevisen (.tlog-proof), händelserna så som de lagrades (.state) och
policyn, som säger vems underskrifter som räknas. Jämför policyn och verify.py med dem som
myndigheterna har kommit överens om: lita inte på dem som ligger här. Detsamma gäller kvittonyckel.

Så granskar du, på vilken dator som helst med Python 3.11 och paketet cryptography:

{commands}
Svar 0: allt stämmer. 1: något har gjorts. 2: går inte att läsa. 3: stämmer, men för få
myndigheter har bevittnat det ännu; hämta beviset igen om några minuter.

Kvittona håller din myndighet mot sin egen kopia av loggen (LOGG: en mapp eller en adress). En
händelse med kvitto men utan plats i loggen har undanhållits:

    python -I verify.py ÅR/policy receipts kvitton LOGG kvittonyckel
{missing}
"""
_EN: Final = """\
EVIDENCE FROM SAMSYN

berattelse.txt   what happened in the issue, and which proof belongs to each event
{years}
kvitton/         for each event Samsyn's signed promise: it is in the log within a minute
kvittonyckel     what the receipts are checked with
verify.py        the verifier: one file that needs nothing of Samsyn

The folder of a year holds the proofs (.tlog-proof), the events as they were stored (.state) and the
policy, which says whose signatures count. Compare policy and verify.py with those that the agencies
have agreed on: do not trust the ones that lie here. The same goes for kvittonyckel.

How to check, on any computer with Python 3.11 and the package cryptography:

{commands}
Answer 0: all is well. 1: something was done. 2: cannot be read. 3: right, but too few agencies have
witnessed it yet; fetch the evidence again in a few minutes.

Your agency holds the receipts to its own copy of the log (LOG: a folder or an address). An event
with a receipt and without a place in the log was kept from it:

    python -I verify.py YEAR/policy receipts kvitton LOG kvittonyckel
{missing}
"""


def evidence_of(
    samsyn: Samsyn,
    settings: Settings,
    receipts: Receipts,
    issue_id: UUID,
    told: Sequence[tuple[UUID, str]],
) -> bytes:
    """A zip for an issue; ``told`` are the events that the reader sees, each with its words.

    What only belongs to the issue, a report say, is proved but not laid in: its bytes may hold more
    than the reader sees. Blocks up to five seconds while the last event is being sealed.

    Raises:
        BadNote: the policy or a kept checkpoint cannot be read.
        TileMissing: the log is not whole.
    """
    kept = {
        entry.event.event_id: entry
        for entry in samsyn.casework.history([issue_id], samsyn.casework.head())
    }
    _await_seal(samsyn, [event_id for event_id, _ in told])
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        with samsyn.engine.connect() as db:
            trees = {tree.tree: tree for tree in store.find_trees(db, ISSUES)}
            names = _write_proofs(zipped, db, settings, trees, kept, told)
            years = sorted({name.partition("/")[0] for name in names.values()})
            for tree in trees.values():
                if tree.part in years:
                    zipped.writestr(f"{tree.part}/policy", str(policy_of(db, tree, settings)))
        _write_receipts(zipped, receipts, kept, told)
        zipped.writestr("berattelse.txt", _story(told, names))
        zipped.writestr("verify.py", Path(verify.__file__).read_bytes())
        for name, text in (("LÄS MIG.txt", _SV), ("READ ME.txt", _EN)):
            zipped.writestr(name, _manual(text, years, len(told) - len(names)))
    return made.getvalue()


def _write_proofs(
    zipped: zipfile.ZipFile,
    db: Connection,
    settings: Settings,
    trees: Mapping[int, Tree],
    kept: Mapping[UUID, LogEntry],
    told: Iterable[tuple[UUID, str]],
) -> dict[UUID, str]:
    names: dict[UUID, str] = {}
    for event_id, _ in told:
        leaf, proof = store.leaf_about(db, event_id), proof_of(db, event_id, settings)
        if leaf is None or proof is None or leaf.tree not in trees:
            continue
        names[event_id] = name = f"{trees[leaf.tree].part}/{leaf.index:07d}.tlog-proof"
        zipped.writestr(name, str(proof))
        if event_id in kept and stream_in(leaf.entry) is not None:
            zipped.writestr(f"{name}.state", kept[event_id].state)
    return names


def _write_receipts(
    zipped: zipfile.ZipFile,
    receipts: Receipts,
    kept: Mapping[UUID, LogEntry],
    told: Iterable[tuple[UUID, str]],
) -> None:
    """Of every event whose bytes are there, also of those with a proof: each is a promise kept."""
    for event_id, _ in told:
        signed = receipts.signed_for(kept[event_id]) if event_id in kept else None
        if signed is not None:
            zipped.writestr(f"kvitton/{event_id}.receipt", signed)
    zipped.writestr("kvittonyckel", receipts.public_key())


def _await_seal(samsyn: Samsyn, event_ids: Sequence[UUID]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    with samsyn.engine.connect() as db:
        while event_ids and store.leaf_about(db, event_ids[-1]) is None:
            db.rollback()
            if time.monotonic() > until:
                return
            time.sleep(_LOOK_AGAIN_SECONDS)


def _story(told: Iterable[tuple[UUID, str]], names: Mapping[UUID, str]) -> str:
    parts = [f"{words}\n[{names.get(event_id, '-')}]\n" for event_id, words in told]
    return "\n".join(parts)


def _manual(text: str, years: Sequence[str], missing: int) -> str:
    commands = [f"    python -I verify.py {year}/policy proof {year}\n" for year in years]
    said = (
        f"\n{missing} händelser är inte förseglade än. I kvitton/ ligger underskrivna löften att "
        f"de blir det inom en minut.\n{missing} events are not sealed yet. In kvitton/ are signed "
        "promises that they will be within a minute.\n"
    )
    return text.format(
        years="\n".join(f"{year}/" for year in years),
        commands="".join(commands),
        missing=said if missing else "",
    )
