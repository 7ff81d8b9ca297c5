"""SendFeedback: an answer to the reporter, before or after there is an issue (R12, ADR 0002)."""

from domain.codes import FeedbackChannel
from domain.opening import LinkReport
from domain.refusals import Conflict, NotAllowed
from domain.report import FeedbackSent, SendFeedback
from tests.domain.given import given_a_report, given_an_issue

WORDS = "Tack. Vi använder din rapport i lägesbilden."


def test_accepted_before_there_is_an_issue() -> None:
    scene = given_a_report(wants_reply=True)
    scene.when(scene.on_report(SendFeedback, text_sv=WORDS), "u-con-01")
    scene.then(FeedbackSent, issue_id=None, channel=FeedbackChannel.EMAIL, text_sv=WORDS)
    assert scene.report.feedback_sent


def test_accepted_names_the_issue_and_may_be_repeated() -> None:
    scene = given_an_issue().with_a_report(wants_reply=True)
    scene.given(scene.on_issue(LinkReport, report_id=scene.report_id))
    for _ in range(2):
        scene.when(scene.on_report(SendFeedback, text_sv=WORDS, channel=FeedbackChannel.PHONE))
        scene.then(FeedbackSent, issue_id=scene.issue_id, channel=FeedbackChannel.PHONE)


def test_accepted_though_no_reply_was_wanted() -> None:
    scene = given_a_report()
    scene.when(scene.on_report(SendFeedback, text_sv=WORDS), "police").then(FeedbackSent)


def test_refused_to_an_anonymous_reporter() -> None:
    scene = given_a_report(anonymous=True)
    scene.when(scene.on_report(SendFeedback, text_sv=WORDS))
    scene.then_refused(Conflict, "reporter_anonymous", happened="ReportReceived")


def test_refused_from_a_partner() -> None:
    scene = given_a_report(wants_reply=True)
    scene.when(scene.on_report(SendFeedback, text_sv=WORDS), "partner_nordstan")
    scene.then_refused(NotAllowed, "not_an_authority")
