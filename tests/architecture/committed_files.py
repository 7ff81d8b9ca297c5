"""What no committed text file may hold: secrets, untidy line ends, too many bytes."""

import re
import sys
from pathlib import Path

LARGEST = 1_000_000  # bytes; real data belongs beside the repository, not in it

SECRETS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a cloud access key": re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a personal access token": re.compile(r"\b(ghp|gho|glpat|xox[abp])[_-][A-Za-z0-9_-]{20,}"),
    "a password in an address": re.compile(r"\b[a-z+]{3,}://[^\s:/@{}<>]+:[^\s/@${}<>]{8,}@(?!\.)"),
}


def faults(path: Path) -> list[str]:
    """Sentences about what is wrong with this file; none if it may be committed."""
    content = path.read_bytes()
    found: list[str] = []
    if len(content) > LARGEST:
        found.append(f"{path}: {len(content)} bytes, more than {LARGEST}")
    if b"\0" in content[:8000]:
        return found
    text = content.decode("utf-8", errors="replace")
    if "\ufffd" in text:
        found.append(f"{path}: not UTF-8")
    if "\r\n" in text:
        found.append(f"{path}: CRLF line ends")
    if text and not text.endswith("\n"):
        found.append(f"{path}: no end of line at the end")
    found += [f"{path}: {what}" for what, pattern in SECRETS.items() if pattern.search(text)]
    return found


if __name__ == "__main__":
    sentences = [sentence for name in sys.argv[1:] for sentence in faults(Path(name))]
    sys.exit("\n".join(sentences) if sentences else 0)
