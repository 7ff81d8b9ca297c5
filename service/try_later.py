"""What says that something is not there yet: apart, for programs that answer no requests."""

from domain.labels import Label


class TryLater(Exception):
    """Something needed is not there yet; nothing was done."""

    def __init__(self, code: str, sv: str, en: str) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.label = Label(sv, en)
