"""Which language somebody wants."""

import pytest

from service.language import Language, wanted_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, Language.SV),
        ("", Language.SV),
        ("*", Language.SV),
        ("sv-SE,sv;q=0.9,en;q=0.8", Language.SV),
        ("en", Language.EN),
        ("en-GB;q=0.4, sv;q=0.3", Language.EN),
        ("EN;Q=1.0", Language.EN),
        ("fr, sv;q=0.1", Language.EN),
        ("da", Language.SV),
        ("en;q=0", Language.SV),
        ("en;q=none, sv;q=0.1", Language.SV),
        (";;,,==", Language.SV),
    ],
)
def test_the_most_wanted_language_is_chosen(header: str | None, language: Language) -> None:
    assert wanted_language(header) is language
