"""Fifty clients accept, decline and withdraw one referral at once: the first event wins (R13)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from domain.answer import ReferralAccepted, ReferralDeclined
from domain.referral import ReferralWithdrawn
from tests.examples import a_sent_referral
from tests.service.web import Web

CLIENTS = 50
DECLINE = {
    "reason_code": "not_our_mandate",
    "reason_sv": "Det här ingår inte i vårt uppdrag, tyvärr.",
}
ANSWERS: tuple[tuple[str, dict[str, str], str], ...] = (
    ("acceptance", {}, "u-pol-01"),
    ("decline", DECLINE, "u-pol-01"),
    ("withdrawal", {}, "u-dis-01"),
)


def test_exactly_one_wins_and_the_others_are_told_what_happened(web: Web) -> None:
    issue, referral = a_sent_referral(web.started)
    path = f"/issues/{issue}/referrals/{referral}"
    ready = Barrier(CLIENTS)
    for by in ("u-pol-01", "u-dis-01"):
        web.token(by)

    def answer(number: int) -> Any:
        last, data, by = ANSWERS[number % len(ANSWERS)]
        ready.wait()
        return web.post(f"{path}/{last}", data, by)

    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(answer, range(CLIENTS)))

    assert Counter(each.status_code for each in answers) == {200: 1, 409: CLIENTS - 1}
    settling = [
        type(event).__name__
        for event in web.started.samsyn.casework.events.get(issue)
        if isinstance(event, (ReferralAccepted, ReferralDeclined, ReferralWithdrawn))
    ]
    assert len(settling) == 1
    told = {each.json()["happened"] for each in answers if each.status_code == 409}
    assert told == set(settling)
