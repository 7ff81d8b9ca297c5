"""Opens so many issues in the database named first, as one more process; prints their numbers."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from domain.issue import Issue
from service.assembly import assemble
from service.logging import configure_logging
from tests.examples import Clock, actor, open_issue


def main() -> None:
    configure_logging()  # to standard error: the numbers go to standard output
    database_url, many = sys.argv[1], int(sys.argv[2])
    samsyn = assemble(database_url, [], Clock())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for _ in range(many):
        receipt = samsyn.execution.execute(open_issue(), actor("u-dis-01"))
        issue: Issue = samsyn.casework.repository.get(receipt.stream_id)
        sys.stdout.write(f"{issue.number}\n")
    sys.stdout.flush()
    samsyn.close()


if __name__ == "__main__":
    main()
