"""How issues of the demo come in: reports, what is done about them, and the issue they lead to."""

from datetime import datetime, timedelta
from uuid import UUID

from domain.categories import CATEGORIES
from domain.classification import AssignCaseworker, RegisterRecord
from domain.codes import (
    Certainty,
    ContextFlag,
    DismissReason,
    EstimatedPeople,
    FeedbackChannel,
    Priority,
    ReportChannel,
    ReportedToPolice,
    ReportKind,
)
from domain.opening import OpenIssue
from domain.report import DismissReport, ReceiveReport, SendFeedback
from domain.working_days import LOCAL_ZONE
from service.demo.affair import Act, Affair, Life
from service.demo.people import CASEWORKERS, OUT, REGISTRAR, REPORTER

_HOUR = timedelta(hours=1)
_URGENT = ("robbery", "robbery_youth", "weapon_knife")

# How reports come in: receiving agency, who writes it down, channel, kind, how common.
_WAYS = {
    ("contact_center", "u-con-01", ReportChannel.WEB, ReportKind.FEEDBACK): 26,
    ("contact_center", "u-con-01", ReportChannel.PHONE, ReportKind.PHONE): 18,
    ("contact_center", "u-con-01", ReportChannel.EMAIL, ReportKind.FAULT): 12,
    ("district", "u-dis-02", ReportChannel.EST, ReportKind.EST): 18,
    ("district", "u-dis-03", ReportChannel.SAFETY_WALK, ReportKind.SAFETY_WALK): 5,
    ("district", REPORTER, ReportChannel.PARTNER, ReportKind.OBSERVATION): 8,
    ("district", "u-tra-01", ReportChannel.PARTNER, ReportKind.OBSERVATION): 5,
    ("social", "u-soc-02", ReportChannel.WALK_IN, ReportKind.OBSERVATION): 3,
}
_BY_POLICE = ("police", "u-pol-03", ReportChannel.POLICE_LOG, ReportKind.POLICE_LOG)
_FROM_RESIDENTS = (ReportChannel.WEB, ReportChannel.PHONE, ReportChannel.EMAIL)


def report(affair: Affair, at: datetime) -> Life:
    """Somebody reports; returns the time. The report's id is the last of `affair.reports`."""
    draw = affair.draw
    by_police = affair.lead == "police" and draw.chance(0.35)
    agency, who, channel, kind = _BY_POLICE if by_police else draw.weighted(_WAYS)
    resident = channel in _FROM_RESIDENTS
    anonymous = resident and draw.chance(0.25)
    wants_reply = resident and not anonymous and draw.chance(0.6)
    happened = at - draw.between(0.2, 20.0) * _HOUR if resident else at - draw.between(0, 2) * _HOUR
    local = at.astimezone(LOCAL_ZONE).isocalendar()
    report_id: UUID = yield Act(
        at=at,
        who=who,
        command=ReceiveReport(
            text=_words(affair),
            kind=kind,
            channel=channel,
            category=affair.subject.code if draw.chance(0.8) else None,
            place=affair.place,
            occurred_from=happened,
            certainty=draw.weighted(
                {Certainty.CERTAIN: 5, Certainty.LIKELY: 4, Certainty.UNCERTAIN: 2}
            ),
            perceived_unsafety=draw.weighted({1: 2, 2: 4, 3: 4, 4: 2, None: 3}),
            estimated_people=draw.weighted(dict.fromkeys(EstimatedPeople, 1) | {None: 3}),
            reported_to_police=draw.weighted(dict.fromkeys(ReportedToPolice, 1)),
            context_flags=flags(affair),
            est_week=f"{local.year}-W{local.week:02d}" if kind is ReportKind.EST else None,
            receiving_agency=agency,
            wants_reply=wants_reply,
            anonymous=anonymous,
        ),
    )
    affair.reports.append(report_id)
    affair.received_by = agency
    if wants_reply:
        affair.to_answer.append(report_id)
        if draw.chance(0.55):
            at = affair.later(at, 16 * _HOUR)
            yield _feedback(affair, report_id, at, CASEWORKERS["contact_center"][0], "received")
            affair.to_answer.remove(report_id)
    return at


def dismiss(affair: Affair, at: datetime) -> Life:
    """The last report leads to no issue."""
    draw = affair.draw
    reason = draw.weighted(
        {
            DismissReason.DUPLICATE: 5,
            DismissReason.NOT_IN_SCOPE: 5,
            DismissReason.EMERGENCY_REDIRECTED: 2,
            DismissReason.TEST: 1,
        }
    )
    at = triaged(affair, at)
    yield Act(
        at=at,
        who=triager(affair),
        command=DismissReport(
            report_id=affair.reports[-1],
            reason=reason,
            explanation_sv=affair.says(affair.texts.reports, f"dismiss_{reason.value}"),
        ),
    )
    return at


def open_issue(affair: Affair, at: datetime, agency: str) -> Life:
    """An agency opens the issue from the reports so far, or by itself."""
    draw, subject = affair.draw, affair.subject
    affair.title = f"{draw.one(subject.titles)} {affair.spot.phrase}"
    affair.priority = CATEGORIES[subject.code].severity
    outside = not affair.reports and agency in OUT
    who = affair.somebody_out(agency) if outside else affair.caseworker(agency)
    urgent = subject.code in _URGENT
    spot = draw.one(affair.spot.spots)
    affair.issue_id = yield Act(
        at=at,
        who=who,
        command=OpenIssue(
            public_title=affair.title,
            title=f"{affair.title}, {spot}",
            description_sv=f"{draw.one(subject.reports)} {draw.one(affair.texts.reports['when'])}",
            category=subject.code,
            priority=affair.priority,
            priority_reason_sv="Våld eller hot mot person." if urgent else None,
            place=affair.place,
            report_ids=tuple(affair.reports),
            context_flags=flags(affair),
        ),
    )
    affair.responsible = agency
    affair.handler = affair.caseworker(agency)
    if draw.chance(0.35):
        at = affair.later(at, 2 * _HOUR) if outside else at + timedelta(minutes=draw.number(1, 9))
        yield Act(
            at=at,
            who=affair.handler,
            command=AssignCaseworker(issue_id=affair.issue_id, user_id=affair.handler),
        )
    if agency == "district" and draw.chance(0.2):
        at = affair.later(at, 3 * _HOUR)
        yield _registered(affair, at)
    return at


def answer_all(affair: Affair, at: datetime) -> Life:
    """Everybody who wants a reply gets one (R12)."""
    for report_id in affair.to_answer:
        at += timedelta(minutes=affair.draw.number(2, 15))
        yield _feedback(affair, report_id, at, affair.caseworker(affair.responsible), "done")
    affair.to_answer.clear()
    return at


def triaged(affair: Affair, at: datetime) -> datetime:
    """When the report is dealt with: mostly the same day, sometimes much later than it should."""
    if affair.priority is Priority.URGENT or affair.subject.code in _URGENT:
        return at + affair.draw.wait(1.5 * _HOUR)
    mean = 7 * 24 * _HOUR if affair.draw.chance(0.09) else 9 * _HOUR
    return affair.later(at, mean)


def triager(affair: Affair) -> str:
    """Who deals with the report: the agency that received it, the district for contact centre."""
    agency = affair.received_by
    return affair.caseworker("district" if agency == "contact_center" else agency)


def flags(affair: Affair) -> tuple[ContextFlag, ...]:
    """Circumstances that go with the subject."""
    subject = affair.subject
    found: list[ContextFlag] = []
    if "krog" in subject.places and subject.rhythm == "night":
        found += [ContextFlag.ALCOHOL_INVOLVED, ContextFlag.NEAR_LICENSED_PREMISES]
    if subject.code.startswith("drug") or subject.code == "needles":
        found.append(ContextFlag.DRUGS_INVOLVED)
    if subject.rhythm == "school":
        found.append(ContextFlag.MINORS_INVOLVED)
    return tuple(each for each in found if affair.draw.chance(0.6))


def _words(affair: Affair) -> str:
    draw, texts = affair.draw, affair.texts.reports
    said = draw.one(affair.subject.reports)
    if draw.chance(0.5):
        spot = draw.one(affair.spot.spots)
        said = f"{spot[0].upper()}{spot[1:]} {affair.spot.phrase}: {said[0].lower()}{said[1:]}"
    return " ".join(filter(None, (said, draw.one(texts["when"]), draw.one(texts["effect"]))))


def _feedback(affair: Affair, report_id: UUID, at: datetime, who: str, what: str) -> Act:
    channel = affair.draw.one((FeedbackChannel.EMAIL, FeedbackChannel.PHONE, FeedbackChannel.WEB))
    text = affair.says(affair.texts.reports, what)
    return Act(
        at=at, who=who, command=SendFeedback(report_id=report_id, channel=channel, text_sv=text)
    )


def _registered(affair: Affair, at: datetime) -> Act:
    year = at.astimezone(LOCAL_ZONE).year
    return Act(
        at=at,
        who=REGISTRAR,
        command=RegisterRecord(
            issue_id=affair.issue_id,
            registry_ref=f"SFC-{year}-{affair.draw.number(200, 99_999):05d}",
            subject_sv=affair.title,
        ),
    )
