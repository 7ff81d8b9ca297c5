"""Follow-up figures as a whole: what counts, who is told, the lists, the rebuild."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from domain.lifecycle import IssuesMerged, IssueVoided
from domain.refusals import NotAllowed
from domain.report import ReportRevised
from domain.values import Actor, Role
from projections.figure_texts import FIGURE_TEXTS, FigureId
from projections.follow_up import FOLLOW_UP
from projections.follow_up_queries import figures, follow_up_figures, issues_behind
from projections.rebuild import rebuild
from projections.viewer import Viewer
from projections.visibility import VISIBILITY
from tests.projections.follow_up_examples import a_busy_log, a_caseworker, asked, at, figure
from tests.projections.written_log import EVERYTHING, WrittenLog, fold_all


def test_merged_and_voided_issues_do_not_count(engine: Engine) -> None:
    log = WrittenLog()
    kept, merged, voided = (log.issue(n, at(0)) for n in (1, 2, 3))
    for issue_id in (kept, merged, voided):
        log.action(issue_id, at(1), "police")
    for stream_id in (merged, kept):
        log.append(IssuesMerged, stream_id, at(2), merged_id=merged, into_id=kept, report_ids=())
    log.append(IssueVoided, voided, at(2))
    assert figure(engine, log, "K7").count == 1
    assert figure(engine, log, "K6").count == 1


def test_only_what_began_in_the_period_counts(engine: Engine) -> None:
    log = WrittenLog()
    for stream in range(4):
        log.action(log.issue(stream, at(stream)), at(9), "police")
    assert figure(engine, log, "K7", since=at(1), until=at(3)).count == 2


@pytest.mark.parametrize(
    ("viewer", "issues", "shown"),
    [
        (a_caseworker("police"), 4, None),
        (a_caseworker("police"), 5, 5),
        (a_caseworker("social"), 4, 4),
        (EVERYTHING, 4, 4),
    ],
)
def test_few_issues_of_a_sensitive_category_are_told_to_their_own_agency(
    engine: Engine, viewer: Viewer, issues: int, shown: int | None
) -> None:
    log = WrittenLog()
    for stream in range(issues):
        issue_id = log.issue(stream, at(0), "social", category="violence_close")
        log.action(issue_id, at(3), "social")
    log.issue(99, at(0), "social")
    found = figure(engine, log, "K7", viewer, category="violence_close")
    assert (found.count, found.withheld) == (shown, shown is None)
    with engine.connect() as db:
        question = asked(category="violence_close")
        listed = issues_behind(db, viewer, FigureId.K7, question).items
    assert len(listed) == (shown or 0)


def test_a_place_that_would_tell_too_much_is_not_named(engine: Engine) -> None:
    log = WrittenLog()
    for stream in range(3):
        log.issue(stream, at(stream), "social", category="sexual_offence")
    found = figure(engine, log, "K15", a_caseworker("police"))
    assert [(c.key, c.label, c.count) for c in found.cells if c.kind == "place"] == [
        ("withheld", None, None)
    ]


@pytest.mark.parametrize(
    "viewer",
    [
        Viewer(Actor(user_id="u", agency_id="p", role=Role.CASEWORKER), authority=False),
        Viewer(Actor(user_id="u", agency_id="district", role=Role.ADMIN), authority=True),
        Viewer(Actor(user_id="u", agency_id="district", role=Role.REPORTER), authority=True),
    ],
)
def test_figures_are_for_authorities(engine: Engine, viewer: Viewer) -> None:
    with engine.connect() as db:
        with pytest.raises(NotAllowed):
            figures(db, viewer, since=at(0), until=at(1), now=at(1))
        with pytest.raises(NotAllowed):
            issues_behind(db, viewer, FigureId.K1, asked())


def test_a_restricted_issue_counts_only_for_its_parties(engine: Engine) -> None:
    log = WrittenLog()
    log.action(log.issue(1, at(0), "police", category="extremism"), at(1), "police")
    assert figure(engine, log, "K7", a_caseworker("social")).count == 0
    assert figure(engine, log, "K7", a_caseworker("police")).count == 1


def test_the_list_behind_a_figure_is_paged_longest_first(engine: Engine) -> None:
    log = WrittenLog()
    for stream in range(7):
        log.action(log.issue(stream, at(0)), at(stream % 3), "police")
    fold_all(engine, log, VISIBILITY, FOLLOW_UP)
    seen: list[float | None] = []
    numbers: set[str | None] = set()
    after = None
    with engine.connect() as db:
        while True:
            page = issues_behind(db, EVERYTHING, FigureId.K7, asked(), after=after, limit=2)
            seen += [item.seconds for item in page.items]
            numbers |= {item.number for item in page.items}
            if (after := page.next) is None:
                break
        with pytest.raises(ValueError, match="cursor"):
            issues_behind(db, EVERYTHING, FigureId.K7, asked(), after="nonsense")
    assert seen == sorted(seen, key=lambda value: -(value or 0))
    assert len(numbers) == 7


def test_plain_values_hold_every_figure(engine: Engine) -> None:
    log = a_busy_log()
    fold_all(engine, log, VISIBILITY, FOLLOW_UP)
    with engine.connect() as db:
        told = follow_up_figures(db, EVERYTHING, since=at(0), until=at(999), now=at(500))
    assert list(told["figures"]) == [figure_id.value for figure_id in FigureId]
    assert told["figures"]["K5"]["label"] == {
        "sv": "Avböjda, per orsak",
        "en": "Declined, by reason",
    }
    assert told["since"] == "2026-03-02T08:00:00Z"


def test_an_issue_counts_as_what_it_is_called_now(engine: Engine) -> None:
    log = a_busy_log()
    assert figure(engine, log, "K7", category="drug_dealing").count == 0
    assert figure(engine, log, "K7", category="needles").count == 12
    assert [c.key for c in figure(engine, log, "K15").cells if c.kind == "place"] == [
        "nordstan>drugs_alcohol"
    ]
    with engine.connect() as db:
        (first, *_) = issues_behind(db, EVERYTHING, FigureId.K7, asked()).items
    assert (first.title, first.place_name) == ("Kanyler", "Nordstan")


def test_a_report_counts_as_what_it_says_now(engine: Engine) -> None:
    log = WrittenLog()
    report_id = log.report(1, at(0), wants_reply=True)
    content = replace(log.entries[-1].event.content, category="needles")
    log.append(ReportRevised, report_id, at(1), content=content)
    assert figure(engine, log, "K12", category="needles").count == 1


@pytest.mark.parametrize("step", [1, 13])
def test_rebuild_equals_the_rows_folded_step_by_step(engine: Engine, step: int) -> None:
    log = a_busy_log()
    fold_all(engine, log, FOLLOW_UP, step=step)
    result = rebuild(engine, FOLLOW_UP, log.read, log.head)
    assert result.same
    assert result.hash_live is not None


def test_every_figure_has_its_own_definition() -> None:
    texts = [text.definition.sv for text in FIGURE_TEXTS.values()]
    assert set(FIGURE_TEXTS) == set(FigureId)
    assert len(set(texts)) == len(texts)
