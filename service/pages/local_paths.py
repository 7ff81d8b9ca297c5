"""Paths on this site, as opposed to what a form or a link may name instead."""

from urllib.parse import urlsplit


def safe_path(wanted: str | None, otherwise: str = "/") -> str:
    """A path on this site: nobody is led elsewhere by a form or a link."""
    text = wanted or ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return otherwise
    # Browsers read a backslash as a slash and leave out control characters.
    plain = text.isprintable() and "\\" not in text
    is_local = not parts.scheme and not parts.netloc and text.startswith("/")
    return text if plain and is_local and not text.startswith("//") else otherwise
