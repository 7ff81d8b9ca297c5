"""An ordinary Tuesday to look at: the demo's stories so far, and what else goes on around them."""

from dataclasses import replace
from uuid import UUID

from domain.access import AccessReason
from domain.action import PerformAction, PlanAction
from domain.answer import DeclineReferral
from domain.classification import AssignCaseworker
from domain.codes import (
    ActionType,
    Certainty,
    DeclineReason,
    ReferralType,
    ReportChannel,
)
from domain.notes import AddNote
from domain.opening import OpenIssue
from domain.referral import SendReferral
from domain.report import ReceiveReport
from domain.values import Place
from service.policies import Policies
from service.stories.demo import demo_stories
from service.stories.player import Player, StoryClock
from tests.examples import Clock, Started, local
from tests.infra.access_rows import add_rows, row

THE_DAY = "2026-03-10 09:40"
_PLACES = {
    "andra_langgatan": "Andra Långgatan",
    "avenyn": "Kungsportsavenyn (Valand)",
    "brunnsparken": "Brunnsparken",
    "drottningtorget": "Drottningtorget/Centralstationen",
    "haga": "Haga Nygata",
    "jarntorget": "Järntorget",
    "kungsparken": "Kungsparken",
    "linnegatan": "Linnégatan",
    "nordstan": "Nordstan",
}

_REPORTS = (
    (
        "Ett tiotal personer samlas varje kväll i passagen och flera vågar inte gå förbi.",
        "disorder_group",
        "nordstan",
        "u-con-01",
        ReportChannel.CONTACT_CENTER,
    ),
    (
        "Lampan vid busshållplatsen är släckt sedan förra veckan.",
        "lighting",
        "jarntorget",
        "u-con-01",
        ReportChannel.PHONE,
    ),
    (
        "Vi ser öppen försäljning vid trappan, mest på eftermiddagarna.",
        None,
        "brunnsparken",
        "u-dis-01",
        ReportChannel.WALK_IN,
    ),
)


class SceneClock(Clock, StoryClock):
    """A clock that both stories and tests set."""


def play_scene(started: Started, clock: SceneClock) -> None:
    """Let everything happen up to that Tuesday morning, in the order of time."""
    scene = _Scene(started, clock)
    for at, happens in (
        ("2026-03-02 08:20", scene.dark_path),
        ("2026-03-03 10:05", scene.noisy_bar),
        ("2026-03-04 13:15", scene.stolen_bicycles),
        ("2026-03-05 08:50", scene.bicycles_come_back),
        ("2026-03-06 15:30", scene.threatened_staff),
        ("2026-03-09 09:30", scene.loud_nights),
        ("2026-03-09 16:25", scene.reports),
        (THE_DAY, Policies(started.samsyn).run),
    ):
        _play_stories(started, clock, until=at)
        clock.set(at)
        happens()
    _read_last_month(started)
    started.catch_up()


def _read_last_month(started: Started) -> None:
    """What the access log of the district would hold of February."""
    night, none = local("2026-02-12 01:30"), AccessReason.NONE
    rows = [
        row("district", f"u-dis-{1 + number % 3:02}", local(f"2026-02-{2 + number % 20:02} 10:20"))
        for number in range(40)
    ]
    rows += [row("district", "u-dis-02", night, reason=none) for _ in range(4)]
    add_rows(started.samsyn.engine, rows)


def _play_stories(started: Started, clock: SceneClock, until: str) -> None:
    told = [
        replace(story, steps=tuple(step for step in story.steps if step.at <= local(until)))
        for story in demo_stories()
    ]
    played = Player(started.samsyn, clock).play([story for story in told if story.steps])
    assert played.failures == []


class _Scene:
    """What else goes on, beside the stories."""

    def __init__(self, started: Started, clock: SceneClock) -> None:
        self._started = started
        self._clock = clock
        self._bicycles: tuple[UUID, UUID] | None = None

    def dark_path(self) -> None:
        issue_id = self._issue(81, "Mörkt vid gångvägen", "lighting", "haga")
        self._assign(issue_id, "u-dis-02")
        self._send(issue_id, "city_env", ReferralType.ASSIST, "Byt trasiga armaturer vid gången.")

    def noisy_bar(self) -> None:
        issue_id = self._issue(
            82, "Störande gäster utanför krog", "licensed_premises", "linnegatan"
        )
        question = "Finns det skäl till tillsyn av serveringen?"
        self._send(issue_id, "environment", ReferralType.CONSULT, question)

    def stolen_bicycles(self) -> None:
        issue_id = self._issue(84, "Cykelstölder vid stationen", "theft_bicycle", "drottningtorget")
        self._assign(issue_id, "u-dis-01")
        why = "Stölderna är organiserade och sker på dagtid."
        self._bicycles = issue_id, self._send(issue_id, "police", ReferralType.TRANSFER, why)

    def bicycles_come_back(self) -> None:
        assert self._bicycles is not None
        issue_id, referral_id = self._bicycles
        self._started.execute(
            DeclineReferral(
                issue_id=issue_id,
                referral_id=referral_id,
                reason_code=DeclineReason.INSUFFICIENT_INFORMATION,
                reason_sv="Vi behöver veta vilka dagar och tider det gäller för att kunna planera.",
            ),
            "u-pol-01",
        )
        walls = self._issue(85, "Klotter på fasader", "graffiti", "jarntorget")
        due_on = local("2026-03-09 12:00").date()
        self._started.execute(
            PlanAction(issue_id=walls, action_type=ActionType.GRAFFITI_REMOVAL, due_on=due_on)
        )
        self._started.execute(
            AddNote(issue_id=walls, text_sv="Fastighetsägaren sanerar den västra fasaden själv.")
        )

    def threatened_staff(self) -> None:
        by = "u-pol-01"
        issue_id = self._issue(86, "Hot mot butikspersonal", "threat_official", "nordstan", by)
        question = "Kan ni samla handlarna till ett gemensamt möte?"
        self._send(issue_id, "district", ReferralType.ASSIST, question, by)
        self._started.execute(
            PerformAction(
                issue_id=issue_id,
                action_type=ActionType.FOOT_PATROL,
                result_sv="Fotpatrull i två timmar. Personalen är nöjd med närvaron.",
            ),
            "u-pol-02",
        )

    def loud_nights(self) -> None:
        issue_id = self._issue(87, "Höga ljud nattetid", "noise", "avenyn", "u-env-01")
        why = "Ljudet kommer från folk på gatan, inte från serveringen."
        self._send(issue_id, "district", ReferralType.TRANSFER, why, "u-env-01")

    def reports(self) -> None:
        for text, category, place, by, channel in _REPORTS:
            self._started.execute(
                ReceiveReport(
                    text=text,
                    channel=channel,
                    category=category,
                    place=_place(place),
                    certainty=Certainty.LIKELY,
                    wants_reply=by == "u-con-01",
                ),
                by,
            )
            self._clock.advance(minutes=45)

    def _issue(
        self, number: int, title: str, category: str, place: str, by: str = "u-dis-01"
    ) -> UUID:
        return self._started.create(
            OpenIssue(
                public_title=f"{title}, {_PLACES[place]}",
                category=category,
                place=_place(place),
                number=f"TIC-2026-{number:05d}",
            ),
            by,
        )

    def _assign(self, issue_id: UUID, user_id: str) -> None:
        self._started.execute(AssignCaseworker(issue_id=issue_id, user_id=user_id), user_id)

    def _send(
        self, issue_id: UUID, to: str, kind: ReferralType, question: str, by: str = "u-dis-01"
    ) -> UUID:
        return self._started.create(
            SendReferral(
                issue_id=issue_id,
                type=kind,
                to_agency=to,
                question_sv=question,
                wanted_sv="Ett svar om vad ni kan göra och när.",
                respond_by=local("2026-03-24 12:00") if kind is ReferralType.CONSULT else None,
            ),
            by,
        )


def _place(place_id: str) -> Place:
    return Place(name=_PLACES[place_id], place_id=place_id)
