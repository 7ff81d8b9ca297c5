"""A running instance's log, read by a checker that is none of ours, and signed by agencies."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from sqlalchemy import URL
from tlog_scales.backend import HttpBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tiles import leaf_hash

from tests.servers import create_database, drop_database, plain_address
from tests.service.running_log import Instance, an_instance
from tests.service.served import eventually

pytestmark = pytest.mark.slow
ISSUES: Final = 230
"""So many that there is a full tile, and one that is not."""
THREE: Final = ("police", "social", "district")


@pytest.fixture(scope="module")
def instance(
    postgresql_server: URL,
    postgresql_template: str,
    worker_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Instance]:
    name = f"samsyn_{worker_name}_running_log"
    url = plain_address(create_database(postgresql_server, name, postgresql_template))
    try:
        with an_instance(url, tmp_path_factory.mktemp("running_log"), ISSUES) as found:
            yield found
    finally:
        drop_database(postgresql_server, name)


@pytest.fixture
def foreign(instance: Instance) -> TilesReader:
    """A reader of tlog-tiles that shares no code with ours, with an auditor's token."""
    backend = HttpBackend(instance.log)
    backend.session.headers["Authorization"] = f"Bearer {instance.auditor}"
    return TilesReader(backend)


def check_all(reader: TilesReader, instance: Instance) -> Any:
    """Have the foreign checker check signature, root and every entry; gives its checkpoint."""
    head = reader.get_checkpoint()
    for key in instance.keys.public(head.origin):
        head.verify(Vkey.from_string(str(key)))
    assert reader.calculate_root_hash() == head.root_hash
    for index in range(head.size):
        proof = reader.get_inclusion_proof(index, head.size)
        proof.check(leaf_hash(reader.get_entry(index)), head.root_hash)
    return head


def test_a_foreign_checker_accepts_every_entry_each_root_and_the_growth_between_them(
    instance: Instance, foreign: TilesReader
) -> None:
    old = check_all(foreign, instance)
    assert old.size > 256
    assert old.size % 256
    instance.works()
    new = check_all(foreign, instance)
    assert new.size > old.size
    assert new.origin == old.origin
    foreign.get_consistency_proof(old.size, new.size).check(old.root_hash, new.root_hash)


def test_what_is_served_is_as_the_specification_says(instance: Instance) -> None:
    size = instance.head()[1]
    full, rest = divmod(size, 256)
    head = instance.get("checkpoint")
    assert head.headers["content-type"] == "text/plain; charset=utf-8"
    assert (
        "no-store" in head.headers["cache-control"] or "no-cache" in head.headers["cache-control"]
    )
    widths = {"tile/0/000": 256, f"tile/0/{full:03d}.p/{rest}": rest, f"tile/1/000.p/{full}": full}
    for path, width in widths.items():
        answer = instance.get(path)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "immutable" in answer.headers["cache-control"]
        assert len(answer.content) == 32 * width, path
    bundle = instance.get(f"tile/entries/{full:03d}.p/{rest}", Accept_Encoding="gzip")
    assert bundle.headers["content-type"] == "application/octet-stream"
    instance.works()
    # A partial tile that a checkpoint once had is served as long as there is a log, unchanged.
    again = instance.get(f"tile/0/{full:03d}.p/{rest}")
    assert again.status_code == 200
    wrong = (
        f"tile/0/{full:03d}",
        f"tile/0/{full:03d}.p/0",
        f"tile/0/{full:03d}.p/01",
        f"tile/0/{full:03d}.p/256",
        "tile/0/0",
        "tile/0/x000/000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/2/000.p/1",
        "tile/entries/001x",
    )
    assert {path: instance.get(path).status_code for path in wrong} == dict.fromkeys(wrong, 404)


def witnessed(instance: Instance) -> Any:
    """What `/ready` says of the witnesses, who are not named there."""
    told: Any = instance.client.get(f"{instance.address}/ready").json()
    return told["audit"]["witnessed"]


def is_witnessed_by(instance: Instance, size: int, *names: str) -> Callable[[], bool]:
    """Have these look; says whether as many leaves have their quorum."""

    def look() -> bool:
        for name in names:
            instance.pulls(name)
        return bool(witnessed(instance)["size"] >= size)

    return look


def test_two_witnesses_that_look_and_one_that_is_told_make_a_quorum_of_three(
    instance: Instance,
) -> None:
    with instance.served("district") as port:
        instance.agree("all", THREE, district=f"http://127.0.0.1:{port}")
        eventually(is_witnessed_by(instance, instance.works(), "police", "social"))
    assert witnessed(instance)["state"] == "witnessed"


def test_with_one_witness_stopped_casework_goes_on_and_a_quorum_of_four_comes_without_it(
    instance: Instance,
) -> None:
    with instance.served("district") as port:
        address = f"http://127.0.0.1:{port}"
        instance.agree("all", THREE, district=address)
        eventually(is_witnessed_by(instance, instance.works(), "police", "social"))
    stood = instance.signed_by("district")
    size = instance.works()
    assert not is_witnessed_by(instance, size, "police", "social")()
    sizes = sorted(each["size"] for each in witnessed(instance)["witnesses"])
    assert sizes[0] == stood < size <= sizes[1]
    # With a fourth three are enough, and the one that is away is missed by nobody.
    instance.agree("3", [*THREE, "archive"], district=address)
    eventually(is_witnessed_by(instance, size, "archive", "police", "social"))
    assert instance.signed_by("district") == stood
    # It comes back, is handed what it missed, and signs it.
    with instance.served("district", port):
        eventually(lambda: instance.signed_by("district") >= size)
        instance.agree("all", THREE, district=address)
        eventually(is_witnessed_by(instance, instance.works(), "police", "social"))
