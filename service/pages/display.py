"""How a visitor wants pages shown: light or dark, how dense, and with or without single keys."""

from dataclasses import dataclass
from enum import StrEnum

from domain.labels import Label

COOKIE = "samsyn_display"
"""Nothing personal: three words, so that the first page after sign-in looks right at once."""


class Scheme(StrEnum):
    """Which colours: as the reader's system says, or always the same."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Density(StrEnum):
    """How much stands on a screen; the words of the design system's `data-size`."""

    DENSE = "sm"
    AIRY = "md"


SCHEME_WORDS = {
    Scheme.AUTO: Label("Som i datorn", "As the system"),
    Scheme.LIGHT: Label("Ljust", "Light"),
    Scheme.DARK: Label("Mörkt", "Dark"),
}
DENSITY_WORDS = {
    Density.DENSE: Label("Tätt", "Dense"),
    Density.AIRY: Label("Luftigt", "Airy"),
}


@dataclass(frozen=True, kw_only=True)
class Display:
    """What was chosen; `keys` is whether a single key does something (WCAG 2.1.4)."""

    scheme: Scheme = Scheme.AUTO
    density: Density = Density.DENSE
    keys: bool = True

    def __str__(self) -> str:
        """As the cookie keeps it."""
        return f"{self.scheme}.{self.density}.{'keys' if self.keys else 'plain'}"


def display_of(cookie: str | None) -> Display:
    """What a cookie says; what nobody can have chosen is as if nothing had been."""
    match (cookie or "").split("."):
        case [scheme, density, keys] if scheme in set(Scheme) and density in set(Density):
            return Display(scheme=Scheme(scheme), density=Density(density), keys=keys != "plain")
        case _:
            return Display()
