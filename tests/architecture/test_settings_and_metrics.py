"""docs/settings.md names every setting and docs/operations.md every metric, and no other."""

import re

from tests.architecture.repository import ROOT

NAME = re.compile(r"SAMSYN_[A-Z_]+|DATABASE_[A-Z_]*URL|REDIS_URL")


def test_every_setting_is_explained_once() -> None:
    read = set(NAME.findall((ROOT / "service" / "settings.py").read_text(encoding="utf-8")))
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \| .+ \| .+ \|$", page, re.MULTILINE)
    assert sorted(rows) == sorted(read)


def test_every_metric_is_explained() -> None:
    named: set[str] = set()
    for module in ("metrics", "exposition"):
        source = (ROOT / "service" / f"{module}.py").read_text(encoding="utf-8")
        named |= set(re.findall(r'"(samsyn_[a-z_]+)"', source))
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(samsyn_[a-z_]+)` \| \w+ \| .+ \|$", page, re.MULTILINE)) == named
