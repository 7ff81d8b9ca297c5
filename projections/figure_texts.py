"""What each follow-up figure is called and how it is counted, in Swedish and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.labels import Label


class FigureId(StrEnum):
    """The follow-up figures (DOMAIN 10) that the log of this version can tell."""

    K1 = "K1"
    K2 = "K2"
    K3 = "K3"
    K4 = "K4"
    K5 = "K5"
    K6 = "K6"
    K7 = "K7"
    K8 = "K8"
    K9 = "K9"
    K10 = "K10"
    K11 = "K11"
    K12 = "K12"
    K14 = "K14"
    K15 = "K15"


@dataclass(frozen=True, kw_only=True)
class FigureText:
    """A figure's name and the sentence that says exactly what is counted."""

    label: Label
    definition: Label


def _text(sv: str, en: str, *, counts_sv: str, counts_en: str) -> FigureText:
    return FigureText(label=Label(sv, en), definition=Label(counts_sv, counts_en))


FIGURE_TEXTS: Mapping[FigureId, FigureText] = MappingProxyType(
    {
        FigureId.K1: _text(
            "Tid till första svar",
            "Time to first response",
            counts_sv="Rapporter mottagna i perioden: tiden från mottagandet tills rapporten "
            "kopplades, avfärdades eller besvarades, det som kom först.",
            counts_en="Reports received in the period: the time from reception until the report "
            "was linked, dismissed or answered, whichever came first.",
        ),
        FigureId.K2: _text(
            "Svarstid överlämning",
            "Time to answer a referral",
            counts_sv="Överlämningar skickade i perioden: tiden tills mottagaren tog över, avböjde "
            "eller svarade, utan väntan på komplettering och utan tid då ärendet var parkerat.",
            counts_en="Referrals sent in the period: the time until the receiver accepted, "
            "declined or answered, without waiting for information and without parked time.",
        ),
        FigureId.K3: _text(
            "Andel besvarade i tid",
            "Share answered in time",
            counts_sv="Överlämningar med svarsdag i perioden som är besvarade eller har förfallit: "
            "andelen som besvarades senast svarsdagen. Återkallade räknas inte.",
            counts_en="Referrals due in the period that are answered or overdue: the share that "
            "was answered by the due time. Withdrawn ones are not counted.",
        ),
        FigureId.K4: _text(
            "Obesvarade nu",
            "Unanswered now",
            counts_sv="Överlämningar vars svarstid har gått ut utan svar, efter hur länge sedan. "
            "Medan mottagaren väntar på komplettering står tiden still.",
            counts_en="Referrals whose time to answer has run out without an answer, by how long "
            "ago. While the receiver waits for information the time stands still.",
        ),
        FigureId.K5: _text(
            "Avböjda, per orsak",
            "Declined, by reason",
            counts_sv="Andelen avböjda av de överlämningar som skickades i perioden, per orsak och "
            "per par av avsändare och mottagare.",
            counts_en="The share declined of the referrals sent in the period, by reason and by "
            "pair of sender and receiver.",
        ),
        FigureId.K6: _text(
            "Bollade ärenden",
            "Issues passed back and forth",
            counts_sv="Andelen av de öppna ärendena som har överlämnats på nytt till den som "
            "avböjt eller återlämnat, eller har avböjts minst tre gånger; samt hur många "
            "gånger ansvaret har flyttats per öppet ärende.",
            counts_en="The share of open issues that were transferred again to an agency that had "
            "declined or returned them, or were declined at least three times; and how "
            "often responsibility has moved per open issue.",
        ),
        FigureId.K7: _text(
            "Tid till första åtgärd",
            "Time to first action",
            counts_sv="Ärenden öppnade i perioden: tiden tills den första åtgärden gjordes, utan "
            "tid då ärendet var parkerat.",
            counts_en="Issues opened in the period: the time until the first action was "
            "performed, without parked time.",
        ),
        FigureId.K8: _text(
            "Planerat men ej gjort",
            "Planned but not done",
            counts_sv="Planerade åtgärder vars dag har kommit utan att de är gjorda eller "
            "inställda.",
            counts_en="Planned actions whose day has come without their being performed or "
            "cancelled.",
        ),
        FigureId.K9: _text(
            "Andel uppföljda",
            "Share followed up",
            counts_sv="Ärenden som avslutades i perioden efter minst en åtgärd: andelen med en "
            "uppföljning där effekten är bedömd.",
            counts_en="Issues closed in the period after at least one action: the share with a "
            "follow-up that assessed the effect.",
        ),
        FigureId.K10: _text(
            "Effekt",
            "Effect",
            counts_sv="Senaste uppföljningen i perioden av varje ärende: andelen lösta eller "
            "förbättrade av de bedömda. De som är för tidiga att bedöma visas för sig.",
            counts_en="The latest follow-up in the period of each issue: the share resolved or "
            "improved of those assessed. Those too early to tell are shown apart.",
        ),
        FigureId.K11: _text(
            "Återöppnade inom 90 dagar",
            "Reopened within 90 days",
            counts_sv="Ärenden som avslutades i perioden: andelen som öppnades igen inom 90 dagar.",
            counts_en="Issues closed in the period: the share reopened within 90 days.",
        ),
        FigureId.K12: _text(
            "Återkoppling till rapportör",
            "Feedback to reporters",
            counts_sv="Rapporter mottagna i perioden där rapportören vill ha svar: andelen som "
            "har fått återkoppling, och andelen som fick den inom fyra veckor.",
            counts_en="Reports received in the period whose reporter wants a reply: the share "
            "that got feedback, and the share that got it within four weeks.",
        ),
        FigureId.K14: _text(
            "Gemensamma ärenden",
            "Shared issues",
            counts_sv="Ärenden öppnade i perioden: andelen där minst två aktörer har gjort "
            "åtgärder.",
            counts_en="Issues opened in the period: the share in which at least two agencies "
            "have performed actions.",
        ),
        FigureId.K15: _text(
            "Återkommande platser",
            "Recurring places",
            counts_sv="Platser där minst tre ärenden i samma grupp av kategorier öppnades inom 90 "
            "dagar, det sista i perioden.",
            counts_en="Places where at least three issues of one group of categories were opened "
            "within 90 days, the last of them in the period.",
        ),
    }
)
"""The words of every figure; pages and documents show the definition beside the number."""

AGE_BANDS: Mapping[str, Label] = MappingProxyType(
    {
        "under_1_day": Label("Under ett dygn", "Less than a day"),
        "under_7_days": Label("1-7 dygn", "1-7 days"),
        "under_30_days": Label("7-30 dygn", "7-30 days"),
        "over_30_days": Label("Över 30 dygn", "More than 30 days"),
    }
)
"""How long past due, youngest first."""

WITHIN_FOUR_WEEKS = Label("Inom fyra veckor", "Within four weeks")
