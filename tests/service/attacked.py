"""A served instance, its database's owner, three agencies' witnesses and the verifier: programs."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from click.testing import Result

from infra.audit import verify
from infra.audit.mirror import Mirror
from tests.examples import Started
from tests.faults.waiting import wait_until
from tests.infra.access.reading import read_some
from tests.service.attacker import Owner
from tests.service.command_line import CommandLine
from tests.service.running_log import WITNESSES, Instance, an_instance
from tests.service.served import START, running, said_in

AGENCIES: Final = ("police", "social", "district")
VERIFIER: Final = Path(verify.__file__)
ISSUES: Final = 6
READINGS: Final = 4


@dataclass(frozen=True)
class Ran:
    """What a program came to: its exit code, and what it said in Swedish and in English."""

    code: int
    sv: str
    en: str


@dataclass
class Site:
    """What stands before a test begins: a log that all three have witnessed, and copies of it."""

    instance: Instance
    owner: Owner
    pushed: dict[str, str] = field(default_factory=dict[str, str])
    honest: list[bytes] = field(default_factory=list[bytes])
    settled: int = 0

    @property
    def mirror(self) -> Path:
        """What the police have kept, laid out for the verifier."""
        return self.instance.folder / f"mirror-{self.settled}" / self.instance.head()[0]

    @property
    def policy(self) -> Path:
        """What the agencies agreed on: the log's keys, three witnesses, and that all must sign."""
        return self.instance.folder / "agreed"

    def settle(self) -> None:
        """Have all witnesses sign what there is, and keep copies: from here the attacks begin."""
        for name in AGENCIES:
            assert self.pulls(name).code == 0
        self.honest = self.owner.entries()
        self.settled += 1
        folder = self.instance.folder / f"mirror-{self.settled}"
        origin = self.instance.head()[0]
        Mirror(self.instance.folder / "police.db").export(origin, folder / origin)
        self.owner.keep("now")

    def shows(self, entries: Sequence[bytes]) -> None:
        """Have the instance show another history, signed with the log's key."""
        self.owner.forge(self.instance.keys, entries)

    # --- who judges ---

    def pulls(self, name: str) -> Ran:
        """An agency's witness looks once; what it says if it raises the alarm."""
        ran = self._witness("pull", self.instance.log, "--once", *self._files(name))
        lines = [json.loads(line) for line in ran.stderr.splitlines() if line.startswith("{")]
        told = [each for each in lines if each["event"] == "witness_alarm"]
        assert ran.returncode == len(told), ran.stderr
        return Ran(ran.returncode, *(told[0][word] if told else "" for word in ("sv", "en")))

    def pushes(self, name: str, signed: int | None = None) -> httpx.Response:
        """The checkpoint that is shown is handed in at an agency's witness, which waits for it.

        ``signed`` is how many entries it has signed, if others than before the attack.
        """
        note = self.instance.get("checkpoint").text
        size = int(note.split("\n")[1])
        old = min(size, len(self.honest) if signed is None else signed)
        proof = ""
        if old < size:
            told = self.instance.get(f"consistency?from={old}&to={size}").raise_for_status()
            proof = "".join(f"{line}\n" for line in told.text.split())
        return self.instance.client.post(
            f"{self.pushed[name]}/add-checkpoint", content=f"old {old}\n{proof}\n{note}".encode()
        )

    def verifies(self, *asked: str | Path, policy: Path | None = None) -> Ran:
        """Ask the offline verifier, run without anything of Samsyn."""
        command = [sys.executable, "-I", VERIFIER, policy or self.policy, *asked]
        environ = {**os.environ, "SAMSYN_TOKEN": self.instance.auditor}
        ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert not ran.stderr, ran.stderr
        sv, en = ran.stdout.splitlines()
        return Ran(ran.returncode, sv, en)

    def grew(self) -> Ran:
        """The verifier's answer to: is all that the police have kept still there, unchanged?"""
        return self.verifies("growth", self.mirror, self.instance.log)

    def samsyn(self, *command: str | Path) -> Result:
        """A command of Samsyn's operator."""
        return CommandLine(self.instance.database_url).run(*command, **self.instance.told)

    def found(self) -> tuple[list[str], list[str]]:
        """What `samsyn verify` finds, in Swedish and in English."""
        ran = self.samsyn("verify", "--json")
        told: Any = json.loads(ran.stdout)
        assert ran.exit_code == int(not told["is_well"]), ran.output
        return [each["sv"] for each in told["findings"]], [each["en"] for each in told["findings"]]

    @contextmanager
    def keeping_the_witnesses(self) -> Generator[None]:
        """What witnesses sign meanwhile they have forgotten at the end."""
        files = [self.instance.folder / f"{name}.db" for name in AGENCIES]
        for file in files:
            _copy(file, file.with_suffix(".kept"))
        yield
        for file in files:
            _copy(file.with_suffix(".kept"), file)

    # --- how witnesses are asked ---

    def _witness(self, *command: str) -> subprocess.CompletedProcess[str]:
        return _ran(("witness", *command), {"SAMSYN_TOKEN": self.instance.auditor})

    def _store(self, name: str) -> list[str]:
        return ["--store", str(self.instance.folder / f"{name}.db")]

    def _files(self, name: str) -> list[str]:
        key = self.instance.folder / f"{name}.key"
        if not key.exists():
            key.touch(0o600)
            key.write_text(f"{WITNESSES[name].text}\n", encoding="utf-8")
        return ["--policy", str(self.policy), "--key", str(key), *self._store(name)]

    def start_the_witness(self, name: str, stack: ExitStack) -> None:
        """Start the program that waits for checkpoints that are handed in."""
        folder = self.instance.folder / f"{name}-pushed"
        folder.mkdir()
        command = ("witness", "serve", "--port", "0", *self._files(name))
        stack.enter_context(running(command, self.instance.database_url, folder))

    def finds_the_witness(self, name: str) -> None:
        """Learn where it waits."""
        folder = self.instance.folder / f"{name}-pushed"
        address = re.compile(r"http://127\.0\.0\.1:\d+")
        wait_until(lambda: address.search(said_in(folder)), "the witness's address")
        found = address.search(said_in(folder))
        assert found is not None
        self.pushed[name] = found[0]


def _copy(file: Path, to: Path) -> None:
    with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(to)) as new:
        old.backup(new)


def _ran(command: Sequence[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*START, *command],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def _read(started: Started) -> None:
    """Some of the police read, so that there is an access log when the first seal is made."""
    read_some(started.samsyn.engine, READINGS)


@contextmanager
def a_site(database_url: str, folder: Path) -> Generator[Site]:
    """Serve a small log, witnessed by all; the copy `backup` is of before its last issue."""
    with an_instance(database_url, folder, ISSUES, _read) as instance, ExitStack() as stack:
        site = Site(instance, Owner(database_url))
        stack.callback(site.owner.engine.dispose)
        instance.agree("all", AGENCIES)
        logs = [f"log {key}" for key in instance.keys.public(instance.head()[0])]
        agreed = (folder / "witnesses").read_text(encoding="utf-8")
        site.policy.write_text("\n".join([*logs, agreed]), encoding="utf-8")
        for name in AGENCIES:
            site.start_the_witness(name, stack)
        site.owner.keep("backup")
        instance.works()
        site.settle()
        for name in AGENCIES:
            site.finds_the_witness(name)
        yield site
