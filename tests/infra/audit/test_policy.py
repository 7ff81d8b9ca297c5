"""A policy says whose signatures are asked for, in the form of C2SP."""

import pytest

from infra.audit.note import BadNote, KeyType, Note, SecretKey, Signature
from infra.audit.policy import Policy

ORIGIN = "example.com/log"
TEXT = f"{ORIGIN}\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
LOG = SecretKey(ORIGIN, KeyType.LOG, bytes(32))
WITNESSES = {
    name: SecretKey(f"{name}.example", KeyType.COSIGNATURE, bytes([number]) * 32)
    for number, name in enumerate(("police", "social", "district", "archive"), 1)
}
LINES = [f"log {LOG.public_key} https://example.com/audit"] + [
    f"witness {name} {key.public_key}" for name, key in WITNESSES.items()
]
THREE = "\n".join(
    [*LINES, "group agencies 3 police social district archive", "quorum agencies", ""]
)


def note(*names: str, log: SecretKey = LOG) -> Note:
    lines: list[Signature] = [log.sign(TEXT)]
    lines += [WITNESSES[name].sign(TEXT, 5) for name in names]
    return Note(TEXT, tuple(lines))


def test_a_policy_is_read_and_written() -> None:
    policy = Policy.parse(THREE)
    assert str(policy) == THREE
    assert policy.addresses == {str(LOG.public_key): "https://example.com/audit"}
    told = THREE.replace("log ", " \tlog\t ", 1) + "\n# a remark\n \t\n"
    assert Policy.parse(told) == policy


def test_three_of_four_must_have_seen() -> None:
    policy = Policy.parse(THREE)
    assert len(policy.check(note("police", "social", "archive"))) == 4
    with pytest.raises(BadNote, match="too few"):
        policy.check(note("police", "social"))
    with pytest.raises(BadNote, match="too few"):
        policy.check(note("police", "social", "police"))
    with pytest.raises(BadNote, match="no known log"):
        Policy.parse(THREE).check(Note(TEXT, note("police", "social", "archive").signatures[1:]))
    stranger = SecretKey.new(ORIGIN, KeyType.LOG)
    with pytest.raises(BadNote, match="no known log"):
        policy.check(note("police", "social", "archive", log=stranger))


def test_a_log_speaks_under_its_own_origin_only() -> None:
    text = TEXT.replace(ORIGIN, "example.com/other")
    with pytest.raises(BadNote, match="no known log"):
        Policy.parse("\n".join([*LINES, "quorum none"])).check(Note(text, (LOG.sign(text),)))


def test_groups_of_groups() -> None:
    policy = Policy.parse(
        "\n".join(
            [
                *LINES,
                "group inside any social district",
                "group all-of all police inside",
                "quorum all-of",
            ]
        )
    )
    assert policy.check(note("police", "district"))
    for seen in ((), ("police",), ("social", "district"), ("police", "archive")):
        with pytest.raises(BadNote, match="too few"):
            policy.check(note(*seen))


def test_one_witness_or_none() -> None:
    assert Policy.parse("\n".join([*LINES, "quorum none"])).check(note())
    one = Policy.parse("\n".join([*LINES, "quorum police"]))
    assert one.check(note("police"))
    with pytest.raises(BadNote, match="too few"):
        one.check(note("social"))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "quorum nobody",
        "group g 0 police\nquorum g",
        "group g 2 police\nquorum g",
        "group g 01 police\nquorum g",
        "group g some police\nquorum g",
        "group g any\nquorum g",
        "group g any none\nquorum g",
        "group g any police police\nquorum g",
        "group g any police\ngroup h any police\nquorum h",
        "group police any social\nquorum police",
        "group none any social\nquorum none",
        "group g any h\ngroup h any police\nquorum g",
        "quorum none\nquorum none",
        "quorum none extra",
        f"witness again {WITNESSES['police'].public_key}\nquorum none",
        f"log {LOG.public_key}\nquorum none",
        f"log {SecretKey('x.example', KeyType.COSIGNATURE, b'9' * 32).public_key}\nquorum none",
        f"witness w {SecretKey('x.example', KeyType.LOG, b'9' * 32).public_key}\nquorum none",
        "log nokey\nquorum none",
        "sigsum none\nquorum none",
        "quorum none\r",
        "# \x01\nquorum none",
    ],
)
def test_what_is_no_policy_is_refused(line: str) -> None:
    with pytest.raises(BadNote, match="policy"):
        Policy.parse("\n".join([*LINES, line]))
