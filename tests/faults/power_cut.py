"""The power goes while writers append: run it with `python -m tests.faults.power_cut`, as root.

PostgreSQL lies on a disk of its own, an ext4 image behind a loop device. Everything is frozen in
the midst of writing, the image is copied as it then is, without what the kernel still kept in
memory, and PostgreSQL recovers on the copy. The control without fsync must lose what it
acknowledged: otherwise the cut would not be one.
"""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from signal import SIGKILL, SIGSTOP
from typing import Final

from infra.database import connect
from infra.migrate import migrate
from tests import servers
from tests.faults.disk import NEEDS, make_image, mounted, possible
from tests.faults.results import keep
from tests.faults.waiting import wait_until
from tests.faults.writers import Comparison, Writers, compare
from tests.folders import ON_DISK
from tests.server_process import give_to_runner

PROCESSES: Final = 2


def cut(*, durable: bool, appends: int) -> Comparison:
    """Cut the power after so many acknowledged appends, and compare what recovers."""
    with tempfile.TemporaryDirectory(prefix="samsyn-power-", dir=ON_DISK) as name:
        folder = Path(name)
        folder.chmod(0o755)
        disk, copy, place = folder / "disk.img", folder / "copy.img", folder / "mounted"
        place.mkdir()
        make_image(disk)
        with mounted(disk, place) as first:
            give_to_runner(place)
            with servers.own_postgresql(durable=durable, place=place) as postgresql:
                url = servers.plain_address(postgresql.address)
                engine = connect(url)
                migrate(engine)
                engine.dispose()
                # What was there before the writers came is not in question.
                os.sync()
                with Writers(url, PROCESSES) as writers:
                    wait_until(
                        lambda: len(writers.known) >= appends or not writers.run(), "appends"
                    )
                    writers.freeze()
                    everything = _family(postgresql.process.pid)
                    _signal(everything, SIGSTOP)
                    shutil.copyfile(disk, copy)
                    _signal(everything, SIGKILL)
                postgresql.process.kill()
                first.leave()
                with mounted(copy, place) as second:
                    postgresql.process.start_again()
                    comparison = compare(url, writers.known)
                    postgresql.process.stop()
                    second.leave()
        return comparison


def _family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *map(int, children)]


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        os.kill(pid, number)


def main() -> int:
    """Do both, keep what came out, and say whether all was well."""
    if not possible():
        sys.stderr.write(f"This needs {NEEDS}.\n")
        return 2
    began = time.monotonic()
    durable = cut(durable=True, appends=20_000)
    control = cut(durable=False, appends=20_000)
    seconds = round(time.monotonic() - began)
    keep("power cut", {**durable.figures(), "processes": PROCESSES, "seconds": seconds})
    keep("power cut without fsync (control)", {**control.figures(), "processes": PROCESSES})
    return 0 if durable.whole() and control.lost else 1


if __name__ == "__main__":
    sys.exit(main())
