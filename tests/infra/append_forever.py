"""Appends to the database named by the first argument until killed; prints what is durable."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from infra.database import connect
from infra.log.casework import Casework
from infra.log.errors import CommandKey
from tests.infra.ledger import Ledger

EVENTS_EACH = 3


def main() -> None:
    casework = Casework(connect(sys.argv[1]))
    while True:
        pair = [Ledger.begin("left"), Ledger.begin("right")]
        pair[1].note("of one append")
        key = CommandKey(key=str(pair[0].id), fingerprint="pair", created_id=pair[1].id)
        position = casework.save(*pair, keys=[key], claims=[str(pair[1].id)])[-1].notification.id
        sys.stdout.write(f"{position}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
