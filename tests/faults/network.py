"""A network of a test's own: a namespace for programs, and links to it that can be cut."""

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

NEEDS: Final = "root, and network namespaces (ip)"
_NETS: Final = {"clients": "10.213.77", "database": "10.213.78"}


@dataclass(frozen=True)
class Network:
    """Programs in it are reached at ``inside`` and reach a database here at ``outside``."""

    name: str
    inside: str = f"{_NETS['clients']}.2"
    outside: str = f"{_NETS['database']}.1"

    def start(self, *program: str) -> tuple[str, ...]:
        """How a program is started in the namespace; it is then the process itself."""
        return ("ip", "netns", "exec", self.name, *program)

    def cut(self) -> None:
        """Let nothing pass between the programs and the database: nobody is told."""
        _run("ip", "link", "set", _link("database"), "down")

    def heal(self) -> None:
        """Let everything pass again."""
        _run("ip", "link", "set", _link("database"), "up")


def possible() -> bool:
    """Whether this machine lets us have a network of our own."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"samsyn-try-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], check=False, capture_output=True)
    if made.returncode == 0:
        _run("ip", "netns", "delete", name)
    return made.returncode == 0


@contextmanager
def a_network() -> Generator[Network]:
    """Two links to one namespace: clients keep reaching it when the database does not."""
    network = Network(f"samsyn-{os.getpid()}")
    _run("ip", "netns", "add", network.name)
    try:
        _run(*network.start("ip", "link", "set", "lo", "up"))
        for net, prefix in _NETS.items():
            here, there = _link(net), f"{_link(net)}i"
            _run("ip", "link", "add", here, "type", "veth", "peer", there, "netns", network.name)
            _run("ip", "address", "add", f"{prefix}.1/30", "dev", here)
            _run("ip", "link", "set", here, "up")
            _run(*network.start("ip", "address", "add", f"{prefix}.2/30", "dev", there))
            _run(*network.start("ip", "link", "set", there, "up"))
        yield network
    finally:
        # The links go with it.
        _run("ip", "netns", "delete", network.name)


def _link(net: str) -> str:
    """An interface's name, of at most 15 characters."""
    return f"sy{os.getpid()}{net[0]}"


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
