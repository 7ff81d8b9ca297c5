"""What has come since a page was shown: told beside the list, so that no row moves by itself."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request

from projections.inbox import ReportItem
from projections.issue_parts import Head
from projections.queues_queries import QueueItem
from service.language import Language
from service.pages.queue_filters import QueueAddress

_ISSUE: Final = re.compile(r"/issues/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/|$)")
_IDENTITY: Final = 6
_MARK: Final = 10
"""Characters of a row's mark: of which row it is, and then of what stands in it."""


@dataclass(frozen=True, kw_only=True)
class News:
    """A place on a page that is asked for anew at `fetch`; `to` shows what it tells of.

    `part` is the id of what is renewed of the page, the place itself in it; with `counts` how
    many lines other lists hold is renewed by itself.
    """

    fetch: str
    to: str
    words: str = ""
    whole_page: bool = False
    part: str = "list"
    counts: bool = False


class ShownIssue(NamedTuple):
    """An issue as a page shows it: in which version, and the page's address."""

    issue_id: UUID
    version: int
    to: str


def issue_of(path: str) -> str:
    """The issue that a page is about, or nothing."""
    found = _ISSUE.match(path)
    return found[1] if found else ""


def without_notice(request: Request[Any, Any, Any]) -> str:
    """The page's address once more, without what it tells of the command that led here."""
    kept = [each for each in request.query_params.multi_items() if each[0] in ("list", "show")]
    return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path


def marks_of_queue(items: Iterable[QueueItem]) -> str:
    """What tells the lines of a queue apart, and each from what it becomes."""
    return "".join(_mark((item.issue_id, item.referral_id), item) for item in items)


def marks_of_inbox(items: Iterable[ReportItem]) -> str:
    """The same of reports."""
    return "".join(_mark(item.report_id, item.version) for item in items)


def marks_of_issues(items: Iterable[Head]) -> str:
    """The same of issues."""
    return "".join(_mark(item.issue_id, item) for item in items)


def marks_of_day(items: Iterable[QueueItem], counts: Iterable[tuple[str, int]]) -> str:
    """The same of lines, and of how many each list holds that the page leads to."""
    known = "".join(_mark(path, count) for path, count in counts)
    return known + marks_of_queue(items)


def day_news(shown: str, words: str = "") -> News:
    """The place on the page that a day starts with."""
    return News(fetch=f"/live/day?{urlencode({'shown': shown})}", to="/", words=words)


def inbox_news(shown: str, report: str = "", words: str = "") -> News:
    """The place beside the reports; with one open beside them, what is written there stays."""
    path = f"/inbox?{urlencode({'report': report})}" if report else "/inbox"
    return replace(news_of(path, shown, words), part="reports" if report else "list")


def queue_news(address: QueueAddress, shown: str, words: str = "") -> News:
    """The place beside a queue's first page that shows lines of these marks."""
    return replace(news_of(address.path, shown, words), counts=True)


def news_of(path: str, shown: str, words: str = "") -> News:
    """The same beside any list."""
    joint = "&" if "?" in path else "?"
    return News(fetch=f"/live{path}{joint}{urlencode({'shown': shown})}", to=path, words=words)


def issue_news(shown: ShownIssue, words: str = "") -> News:
    """The place on an issue's page."""
    issue_id, version, to = shown
    query = urlencode({"version": version, "to": to})
    return News(fetch=f"/live/issues/{issue_id}?{query}", to=to, words=words, whole_page=True)


def words_of(language: Language, shown: str, now: str) -> str:
    """What has come, in words; nothing if the page shows all."""
    before, after = _taken_apart(shown), _taken_apart(now)
    known = {mark[:_IDENTITY] for mark in before}
    new = sum(mark[:_IDENTITY] not in known for mark in after)
    if new == 1:
        return language.pick("1 ny – visa", "1 new – show")
    if new:
        return language.pick(f"{new} nya – visa", f"{new} new – show")
    if before != after:
        return language.pick("Listan har ändrats – visa", "The list has changed – show")
    return ""


def _mark(identity: object, content: object) -> str:
    return _hash(identity)[:_IDENTITY] + _hash(content)[: _MARK - _IDENTITY]


def _hash(what: object) -> str:
    return hashlib.blake2b(repr(what).encode(), digest_size=8).hexdigest()


def _taken_apart(marks: str) -> Sequence[str]:
    return [marks[at : at + _MARK] for at in range(0, len(marks), _MARK)]
