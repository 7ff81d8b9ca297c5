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
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from signal import SIGKILL, SIGSTOP
from typing import Final

from infra.database import connect
from infra.migrate import migrate
from tests import servers
from tests.faults.disk import NEEDS, Disk, make_image, mounted, possible
from tests.faults.load import Settled
from tests.faults.results import judged, keep
from tests.faults.site import a_site
from tests.faults.verdict import judge
from tests.faults.waiting import wait_until
from tests.faults.writers import Comparison, Writers, compare
from tests.folders import ON_DISK
from tests.server_process import give_to_runner
from tests.servers import OwnPostgresql

PROCESSES: Final = 2


class Power:
    """PostgreSQL on a disk of its own, until the power goes, and on what the disk then held."""

    def __init__(self, postgresql: OwnPostgresql, disk: Disk, folder: Path) -> None:
        self.postgresql = postgresql
        self._disk = disk
        self._folder = folder

    def cut(self) -> None:
        """Freeze it in the midst, copy the disk as it then is, and kill it."""
        process = self.postgresql.process
        everything = _family(process.pid)
        _signal(everything, SIGSTOP)
        shutil.copyfile(self._folder / "disk.img", self._folder / "copy.img")
        _signal(everything, SIGKILL)
        process.kill()
        self._disk.leave()

    @contextmanager
    def again(self) -> Generator[None]:
        """Let it recover on the copy, at the same address."""
        with mounted(self._folder / "copy.img", self._folder / "mounted") as disk:
            self.postgresql.process.start_again()
            yield
            self.postgresql.process.stop()
            disk.leave()


@contextmanager
def powered(*, durable: bool) -> Generator[Power]:
    """Start PostgreSQL, with fsync or without, on an empty disk."""
    with tempfile.TemporaryDirectory(prefix="samsyn-power-", dir=ON_DISK) as name:
        folder = Path(name)
        folder.chmod(0o755)
        place = folder / "mounted"
        place.mkdir()
        make_image(folder / "disk.img")
        with mounted(folder / "disk.img", place) as disk:
            give_to_runner(place)
            with servers.own_postgresql(durable=durable, place=place) as postgresql:
                yield Power(postgresql, disk, folder)


def cut(*, durable: bool, appends: int) -> Comparison:
    """Cut the power after so many acknowledged appends, and compare what recovers."""
    with powered(durable=durable) as power:
        url = servers.plain_address(power.postgresql.address)
        engine = connect(url)
        migrate(engine)
        engine.dispose()
        # What was there before the writers came is not in question.
        os.sync()
        with Writers(url, PROCESSES) as writers:
            wait_until(lambda: len(writers.known) >= appends or not writers.run(), "appends")
            writers.freeze()
            power.cut()
        with power.again():
            return compare(url, writers.known)


def cut_program(commands: int) -> list[Settled]:
    """The same with a web process, a worker and clients, who ask again until they know.

    Read models are written without waiting for the disk: they come back as they were a moment
    earlier, and must be folded to the same rows again.
    """
    with powered(durable=True) as power, tempfile.TemporaryDirectory() as folder:
        database = servers.create_database(power.postgresql.address, "samsyn")
        url = servers.plain_address(database)
        with (
            a_site(url, Path(folder), webs=[url], workers=[url]) as site,
            ExitStack() as recovered,
        ):
            os.sync()
            programs = (*site.webs, *site.workers)
            with site.load("power") as load:
                load.go_on(commands)
                for program in programs:
                    program.pause()
                power.cut()
                for program in programs:
                    program.kill()
                recovered.enter_context(power.again())
                for program in programs:
                    program.start()
                load.go_on(commands)
            judge(site, load.settled)
            return load.settled


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
    settled = cut_program(1_000)
    seconds = round(time.monotonic() - began)
    keep("power cut", {**durable.figures(), "processes": PROCESSES, "seconds": seconds})
    keep("power cut without fsync (control)", {**control.figures(), "processes": PROCESSES})
    keep("power cut, whole program", judged(settled))
    return 0 if durable.whole() and control.lost else 1


if __name__ == "__main__":
    sys.exit(main())
