"""Pages for the live loops: what is told is given on only where it follows without a gap."""

from projections.pages import FAR_PAGE, Pages
from tests.projections.toys import ToyLog


def a_log(entries: int) -> ToyLog:
    log = ToyLog()
    log.append_many(entries)
    return log


def positions_after(pages: Pages, after: int, limit: int = 100) -> list[int]:
    return [entry.position for entry in pages.read(after, limit)[0]]


def test_what_is_told_is_not_read() -> None:
    log = a_log(9)
    pages = Pages(log.read)
    pages.tell(log.entries[4:7])
    pages.tell(log.entries[7:])
    assert positions_after(pages, 4) == [5, 6, 7, 8, 9]
    assert pages.read(6, 2) == (log.entries[6:8], False)
    assert pages.read(6, 3) == (log.entries[6:9], True)
    assert log.reads == 0
    pages.close()


def test_what_others_appended_between_is_read() -> None:
    log = a_log(9)
    pages = Pages(log.read)
    pages.tell(log.entries[:3])
    pages.tell(log.entries[5:])
    assert positions_after(pages, 0) == list(range(1, 10))
    assert log.reads == 1
    assert positions_after(pages, 5) == [6, 7, 8, 9]
    assert log.reads == 1
    pages.close()


def test_what_is_told_with_a_gap_in_it_is_left_alone() -> None:
    log = a_log(9)
    pages = Pages(log.read)
    pages.tell([log.entries[4], log.entries[6]])
    assert positions_after(pages, 4) == [5, 6, 7, 8, 9]
    assert log.reads == 1
    pages.close()


def test_after_a_fault_of_the_database_all_is_read_again() -> None:
    log = a_log(9)
    pages = Pages(log.read)
    pages.tell(log.entries)
    pages.forget()
    assert positions_after(pages, 4) == [5, 6, 7, 8, 9]
    assert log.reads == 1
    pages.close()


def test_of_what_is_told_only_the_latest_is_kept() -> None:
    log = a_log(2 * FAR_PAGE + 1)
    pages = Pages(log.read)
    for start in range(0, len(log.entries), 1_000):
        pages.tell(log.entries[start : start + 1_000])
    assert positions_after(pages, 0, 1) == [1]
    assert log.reads == 1
    assert positions_after(pages, 2 * FAR_PAGE - 1) == [2 * FAR_PAGE, 2 * FAR_PAGE + 1]
    assert log.reads == 1
    pages.close()
