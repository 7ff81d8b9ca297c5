"""The verifier, ready to be asked."""

from pathlib import Path

import pytest

from infra.audit import verify
from tests.infra.audit.asking import KEYS, Ask


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    policy = tmp_path / "policy"
    policy.write_text(KEYS.policy, encoding="utf-8")

    def answer(question: str, *what: object) -> tuple[int, str]:
        code = verify.main(str(policy), question, *map(str, what))
        said = capsys.readouterr().out
        assert said.count("\n") == 2 or code == verify.UNREADABLE  # a line in each language
        return code, said

    return answer
