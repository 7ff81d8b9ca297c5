"""Notes are signed and checked as C2SP says; who is not known is passed over, who lies refused."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.audit.note import (
    MOST_SIGNATURES,
    BadNote,
    KeyType,
    Note,
    PublicKey,
    SecretKey,
    Signature,
    parse_line,
    signed_note,
)

TEXT = "example.com/log\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
LOG = SecretKey("example.com/log", KeyType.LOG, bytes(range(32)))
WITNESS = SecretKey("example.com/w1", KeyType.COSIGNATURE, bytes(range(32, 64)))
NOTE = f"{TEXT}\n{LOG.sign(TEXT).line}{WITNESS.sign(TEXT, 1_679_315_147).line}"
KEYS = [LOG.public_key, WITNESS.public_key]


def test_a_key_and_its_signature_are_those_of_rfc_8032() -> None:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    key = SecretKey("example.com/rfc", KeyType.LOG, seed).public_key
    assert key.public.hex() == public
    named = b"example.com/rfc\n\x01" + bytes.fromhex(public)
    assert key.key_id == hashlib.sha256(named).digest()[:4]


def test_texts_of_keys_are_read_back() -> None:
    for secret in (LOG, WITNESS, SecretKey.new("a.example/å", KeyType.COSIGNATURE)):
        assert SecretKey.parse(secret.text) == secret
        assert PublicKey.parse(str(secret.public_key)) == secret.public_key
        assert base64.b64encode(secret.seed).decode() not in repr(secret)
    assert LOG.text == (
        "PRIVATE+KEY+example.com/log+" + LOG.public_key.key_id.hex() + "+"
        "AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/log",
        "example.com/log+00000000",
        str(LOG.public_key).replace("+", "+0", 1),
        str(LOG.public_key)[:-4],
        str(LOG.public_key) + "=",
        "with space+" + str(LOG.public_key).partition("+")[2],
        "other+" + str(LOG.public_key).partition("+")[2],
        "example.com/log+00000000+" + base64.b64encode(b"\x02" + bytes(32)).decode(),
        "+00000000+" + base64.b64encode(b"\x01" + bytes(32)).decode(),
        "x+00000000+",
        "x+00000000+****",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        PublicKey.parse(text)
    with pytest.raises(BadNote):
        SecretKey.parse(text)
    with pytest.raises(BadNote):
        SecretKey.parse(f"PRIVATE+KEY+{text}")


def test_a_note_is_written_and_read_byte_for_byte() -> None:
    note = Note.parse(NOTE)
    assert str(note) == NOTE == signed_note(TEXT, note.signatures)
    log, witness = note.checked(KEYS)
    assert (log.key, log.time) == (LOG.public_key, None)
    assert (witness.key, witness.time) == (WITNESS.public_key, 1_679_315_147)


def test_the_time_lies_in_a_cosignature_as_in_the_example_of_the_specification() -> None:
    line = (
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJ"
        "sX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    read = parse_line(line)
    assert read.line == line
    assert (read.key_id.hex(), int.from_bytes(read.data[:8])) == ("8d66cf3f", 1_679_315_147)
    assert len(read.data) == 8 + 64


def test_lines_of_unknown_keys_are_passed_over() -> None:
    # One shares the name with a known key, one the id, one has bytes of a foreign kind.
    other = SecretKey.new(LOG.name, KeyType.LOG).sign(TEXT)
    same_id = Signature("example.com/other", LOG.public_key.key_id, b"\0" * 64)
    foreign = Signature("example.com/foreign", b"\xff\xff\xff\xff", b"\0" * 2420)
    note = Note.parse(signed_note(TEXT, [other, same_id, foreign, LOG.sign(TEXT)]))
    assert [signed.key for signed in note.checked(KEYS)] == [LOG.public_key]
    with pytest.raises(BadNote, match="no known key"):
        note.checked([WITNESS.public_key])
    with pytest.raises(BadNote, match="no known key"):
        note.checked([])


def test_a_known_keys_bad_line_spoils_the_note() -> None:
    good, bad = LOG.sign(TEXT), WITNESS.sign("example.com/log\n8\nother\n", 5)
    with pytest.raises(BadNote, match="not of this text"):
        Note.parse(signed_note(TEXT, [good, bad])).checked(KEYS)
    cut = Signature(good.name, good.key_id, good.data[:-1])
    with pytest.raises(BadNote, match="length"):
        Note.parse(signed_note(TEXT, [cut])).checked(KEYS)


def test_a_cosignature_is_of_its_time_only() -> None:
    signature = WITNESS.sign(TEXT, 5)
    moved = Signature(signature.name, signature.key_id, (6).to_bytes(8) + signature.data[8:])
    with pytest.raises(BadNote, match="not of this text"):
        WITNESS.public_key.check(TEXT, moved)
    late = Signature(signature.name, signature.key_id, b"\xff" * 8 + signature.data[8:])
    with pytest.raises(BadNote, match="too large"):
        WITNESS.public_key.check(TEXT, late)
    with pytest.raises(TypeError):
        WITNESS.sign(TEXT)
    with pytest.raises(TypeError):
        LOG.sign(TEXT, 5)


def test_the_same_bytes_as_another_type_do_not_count() -> None:
    """A log's key cannot stand in for a witness's, nor the other way round."""
    as_witness = PublicKey(LOG.name, KeyType.COSIGNATURE, LOG.public_key.public)
    assert as_witness.key_id != LOG.public_key.key_id
    signature = LOG.sign(TEXT)
    with pytest.raises(BadNote):
        as_witness.check(TEXT, Signature(LOG.name, as_witness.key_id, signature.data))


def test_a_key_that_signed_twice_counts_once() -> None:
    lines = [WITNESS.sign(TEXT, 5), WITNESS.sign(TEXT, 6)]
    (signed,) = Note.parse(signed_note(TEXT, lines)).checked(KEYS)
    assert signed.time == 5


def test_so_many_signatures_and_no_more() -> None:
    line = LOG.sign(TEXT)
    assert Note.parse(signed_note(TEXT, [line] * MOST_SIGNATURES)).checked(KEYS)
    with pytest.raises(BadNote, match="at most"):
        Note.parse(signed_note(TEXT, [line] * (MOST_SIGNATURES + 1)))


@pytest.mark.parametrize(
    "note",
    [
        "",
        TEXT,
        TEXT + "\n",
        TEXT + "\n\n",
        TEXT + "\n" + LOG.sign(TEXT).line.rstrip("\n"),
        TEXT + "\n" + LOG.sign(TEXT).line.replace("—", "-"),
        TEXT + "\n" + LOG.sign(TEXT).line.replace(" ", "  "),
        TEXT + "\n" + LOG.sign(TEXT).line + "and more\n",
        TEXT.replace("7", "7\t") + "\n" + LOG.sign(TEXT).line,
        TEXT.replace("\n", "\r\n") + "\n" + LOG.sign(TEXT).line,
        TEXT + "\n— example.com/log AAAAAA==\n",
        TEXT + "\n— example.com/log AAAAAAE\n",
        TEXT + "\n— example.com/log\n",
        TEXT + "\n—  AAAAAAE=\n",
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(BadNote):
        Note.parse(note)


def test_what_cannot_be_a_text_is_not_signed() -> None:
    for text in ("no end", "tab\there\n", "half \ud800\n"):
        with pytest.raises(BadNote):
            LOG.sign(text)
    with pytest.raises(BadNote):
        signed_note(TEXT, [])
    with pytest.raises(BadNote):
        SecretKey.new("two words", KeyType.LOG)
    with pytest.raises(BadNote):
        parse_line(LOG.sign(TEXT).line.rstrip("\n"))


@given(st.integers(0, 8 * len(NOTE.encode()) - 1))
def test_any_changed_bit_of_a_note_is_refused_or_counts_for_nothing(bit: int) -> None:
    changed = bytearray(NOTE.encode())
    changed[bit // 8] ^= 1 << bit % 8
    try:
        signed = Note.parse(changed.decode()).checked(KEYS)
    except (BadNote, UnicodeDecodeError):
        return
    # What is left is a line whose name or id names nobody any more: the other one still holds.
    assert len(signed) == 1
    assert changed.decode().startswith(TEXT + "\n")
