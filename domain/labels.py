"""What people read for every code, in Swedish and English.

Swedish follows the glossary (``docs/glossary.md``); English is plain. The sentences that help
people choose between codes are in ``domain.hints``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain import codes
from domain.codes import ActionType, DeclineReason, ReportChannel, ReportKind
from domain.values import PlacePrecision, Role


@dataclass(frozen=True, slots=True)
class Label:
    """The same text in Swedish and English."""

    sv: str
    en: str


def label(member: StrEnum) -> Label:
    """Return the words for a code; a code without words is a programming error (``KeyError``)."""
    return LABELS[type(member)][member]


_SCALES: dict[type[StrEnum], Mapping[StrEnum, Label]] = {
    codes.Priority: {
        codes.Priority.LOW: Label("Låg", "Low"),
        codes.Priority.MEDIUM: Label("Medel", "Medium"),
        codes.Priority.HIGH: Label("Hög", "High"),
        codes.Priority.URGENT: Label("Akut", "Urgent"),
    },
    codes.Certainty: {
        codes.Certainty.CERTAIN: Label("Säker", "Certain"),
        codes.Certainty.LIKELY: Label("Trolig", "Likely"),
        codes.Certainty.UNCERTAIN: Label("Osäker", "Uncertain"),
    },
    codes.TimePrecision: {
        codes.TimePrecision.EXACT: Label("Exakt", "Exact"),
        codes.TimePrecision.HOUR: Label("Timme", "Hour"),
        codes.TimePrecision.DAY: Label("Dygn", "Day"),
        codes.TimePrecision.WEEK: Label("Vecka", "Week"),
    },
    codes.EstimatedPeople: {
        codes.EstimatedPeople.NONE: Label("Ingen", "Nobody"),
        codes.EstimatedPeople.FEW: Label("1-4", "1-4"),
        codes.EstimatedPeople.GROUP: Label("5-14", "5-14"),
        codes.EstimatedPeople.CROWD: Label("15 eller fler", "15 or more"),
    },
    codes.ReportedToPolice: {
        codes.ReportedToPolice.YES: Label("Ja", "Yes"),
        codes.ReportedToPolice.NO: Label("Nej", "No"),
        codes.ReportedToPolice.UNKNOWN: Label("Vet ej", "Don't know"),
    },
}

_REPORTS: dict[type[StrEnum], Mapping[StrEnum, Label]] = {
    ReportKind: {
        ReportKind.OBSERVATION: Label("Iakttagelse", "Observation"),
        ReportKind.FEEDBACK: Label("Synpunkt", "Comment or complaint"),
        ReportKind.FAULT: Label("Felanmälan", "Fault report"),
        ReportKind.POLICE_LOG: Label("Polisens händelse", "Police event"),
        ReportKind.SAFETY_WALK: Label("Punkt från trygghetsvandring", "Point from a safety walk"),
        ReportKind.PHONE: Label("Telefonsamtal", "Phone call"),
        ReportKind.EST: Label("EST-rapport", "EST report"),
    },
    ReportChannel: {
        ReportChannel.WEB: Label("Webb", "Web"),
        ReportChannel.PHONE: Label("Telefon", "Phone"),
        ReportChannel.EMAIL: Label("E-post", "Email"),
        ReportChannel.CONTACT_CENTER: Label("Kontaktcenter", "Contact centre"),
        ReportChannel.POLICE_LOG: Label("Polisens händelselogg", "Police event log"),
        ReportChannel.EST: Label("EST", "EST"),
        ReportChannel.SAFETY_WALK: Label("Trygghetsvandring", "Safety walk"),
        ReportChannel.PARTNER: Label("Samverkanspartner", "Partner"),
        ReportChannel.IMPORT: Label("Import", "Import"),
        ReportChannel.WALK_IN: Label("Besök", "Visit"),
    },
    codes.DismissReason: {
        codes.DismissReason.DUPLICATE: Label("Dubblett", "Duplicate"),
        codes.DismissReason.NOT_IN_SCOPE: Label("Hör inte hit", "Does not belong here"),
        codes.DismissReason.EMERGENCY_REDIRECTED: Label(
            "Akut, hänvisad till 112", "Emergency, directed to 112"
        ),
        codes.DismissReason.TEST: Label("Test", "Test"),
    },
    codes.ContextFlag: {
        codes.ContextFlag.ALCOHOL_INVOLVED: Label("Alkohol inblandat", "Alcohol involved"),
        codes.ContextFlag.DRUGS_INVOLVED: Label("Narkotika inblandat", "Drugs involved"),
        codes.ContextFlag.NEAR_LICENSED_PREMISES: Label(
            "Nära krog eller servering", "Near licensed premises"
        ),
        codes.ContextFlag.MINORS_INVOLVED: Label("Minderåriga inblandade", "Minors involved"),
        codes.ContextFlag.NEAR_SCHOOL: Label("Nära skola", "Near a school"),
        codes.ContextFlag.EVENT_RELATED: Label("I samband med evenemang", "Related to an event"),
    },
    codes.FeedbackChannel: {
        codes.FeedbackChannel.EMAIL: Label("E-post", "Email"),
        codes.FeedbackChannel.PHONE: Label("Telefon", "Phone"),
        codes.FeedbackChannel.LETTER: Label("Brev", "Letter"),
        codes.FeedbackChannel.IN_PERSON: Label("Personligen", "In person"),
        codes.FeedbackChannel.WEB: Label("Webb", "Web"),
    },
}

_REFERRALS: dict[type[StrEnum], Mapping[StrEnum, Label]] = {
    codes.ReferralType: {
        codes.ReferralType.TRANSFER: Label("Överlämning", "Transfer"),
        codes.ReferralType.ASSIST: Label("Begäran om insats", "Request for assistance"),
        codes.ReferralType.CONSULT: Label("Remiss", "Consultation"),
        codes.ReferralType.INFORM: Label("För kännedom", "For information"),
    },
    codes.ReferralStatus: {
        codes.ReferralStatus.SENT: Label("Skickad", "Sent"),
        codes.ReferralStatus.INFO_REQUESTED: Label("Komplettering begärd", "More asked for"),
        codes.ReferralStatus.ACCEPTED: Label("Övertagen", "Accepted"),
        codes.ReferralStatus.DECLINED: Label("Avböjd", "Declined"),
        codes.ReferralStatus.WITHDRAWN: Label("Återkallad", "Withdrawn"),
        codes.ReferralStatus.COMPLETED: Label("Slutförd", "Completed"),
        codes.ReferralStatus.RETURNED: Label("Återlämnad", "Returned"),
    },
    DeclineReason: {
        DeclineReason.NOT_OUR_MANDATE: Label("Ingår inte i vårt uppdrag", "Not within our mandate"),
        DeclineReason.WRONG_AREA: Label("Fel område", "Wrong area"),
        DeclineReason.INSUFFICIENT_INFORMATION: Label(
            "Underlaget räcker inte", "Not enough to go on"
        ),
        DeclineReason.ALREADY_HANDLED: Label("Hanteras redan", "Already being handled"),
        DeclineReason.NO_CAPACITY_NOW: Label("Resurs saknas just nu", "No capacity at present"),
        DeclineReason.SECRECY_PREVENTS: Label("Sekretess hindrar", "Prevented by secrecy"),
        DeclineReason.OTHER_AGENCY_RIGHT: Label("Annan rätt mottagare", "Another agency is right"),
        DeclineReason.OTHER: Label("Annat skäl", "Other reason"),
    },
}

_ISSUES: dict[type[StrEnum], Mapping[StrEnum, Label]] = {
    codes.IssueStatus: {
        codes.IssueStatus.NEW: Label("Ny", "New"),
        codes.IssueStatus.ACTIVE: Label("Pågående", "Active"),
        codes.IssueStatus.FOLLOW_UP: Label("Uppföljning", "Follow-up"),
        codes.IssueStatus.CLOSED: Label("Avslutat", "Closed"),
        codes.IssueStatus.PARKED: Label("Parkerat", "Parked"),
        codes.IssueStatus.MERGED: Label("Sammanslaget", "Merged"),
        codes.IssueStatus.VOIDED: Label("Makulerat", "Voided"),
    },
    codes.Implementation: {
        codes.Implementation.DONE: Label("Genomförd", "Done"),
        codes.Implementation.PARTLY: Label("Delvis genomförd", "Partly done"),
        codes.Implementation.NOT_DONE: Label("Ej genomförd", "Not done"),
    },
    codes.Effect: {
        codes.Effect.RESOLVED: Label("Problemet löst", "Problem solved"),
        codes.Effect.IMPROVED: Label("Förbättrat", "Improved"),
        codes.Effect.UNCHANGED: Label("Oförändrat", "Unchanged"),
        codes.Effect.WORSENED: Label("Försämrat", "Worse"),
        codes.Effect.TOO_EARLY: Label("För tidigt att bedöma", "Too early to tell"),
    },
    codes.NextStep: {
        codes.NextStep.CLOSE: Label("Avsluta", "Close"),
        codes.NextStep.CONTINUE: Label("Fortsätt", "Continue"),
        codes.NextStep.ESCALATE: Label("Eskalera", "Escalate"),
    },
    codes.Horizon: {
        codes.Horizon.SHORT: Label("Kort sikt", "Short term"),
        codes.Horizon.LONG: Label("Lång sikt", "Long term"),
    },
    codes.CloseOutcome: {
        codes.CloseOutcome.RESOLVED: Label("Problemet löst", "Problem solved"),
        codes.CloseOutcome.MOVED_TO_PLAN: Label(
            "Flyttat till åtgärdsplanen", "Moved to the action plan"
        ),
        codes.CloseOutcome.HANDLED_ELSEWHERE: Label(
            "Hanteras i annat system", "Handled in another system"
        ),
        codes.CloseOutcome.NO_ACTION_POSSIBLE: Label("Ingen åtgärd möjlig", "No action possible"),
        codes.CloseOutcome.DUPLICATE: Label("Dubblett", "Duplicate"),
    },
    codes.Badge: {
        codes.Badge.AWAITING_ANSWER: Label("Väntar på svar", "Awaiting an answer"),
        codes.Badge.OVERDUE: Label("Försenat", "Overdue"),
        codes.Badge.PING_PONG: Label("Bollas", "Passed back and forth"),
        codes.Badge.ESCALATED: Label("Eskalerat", "Escalated"),
        codes.Badge.SECRECY_MARKED: Label("Sekretessmarkerat", "Marked as secret"),
    },
}

_ACTIONS: dict[type[StrEnum], Mapping[StrEnum, Label]] = {
    ActionType: {
        ActionType.FOOT_PATROL: Label("Fotpatrull", "Foot patrol"),
        ActionType.HOTSPOT_PATROL: Label("Hot spot-patrullering", "Hot-spot patrol"),
        ActionType.TARGETED_OPERATION: Label("Riktad polisinsats", "Targeted police operation"),
        ActionType.TRAFFIC_OPERATION: Label("Trafikinsats", "Traffic operation"),
        ActionType.LICENCE_CHECK_JOINT: Label("Gemensam krogtillsyn", "Joint licence check"),
        ActionType.DIALOGUE: Label("Dialog/samtal", "Dialogue"),
        ActionType.CRIME_REPORT_FILED: Label("Polisanmälan upprättad", "Crime report filed"),
        ActionType.DISPERSAL: Label("Avvisning/avlägsnande", "Dispersal or removal"),
        ActionType.LIGHTING_FIX: Label("Belysning åtgärdad", "Lighting repaired"),
        ActionType.VEGETATION_CUT: Label("Buskage beskuret", "Vegetation cut back"),
        ActionType.CLEANING: Label("Städning", "Cleaning"),
        ActionType.GRAFFITI_REMOVAL: Label("Klottersanering", "Graffiti removal"),
        ActionType.NEEDLE_COLLECTION: Label("Kanylinsamling", "Needle collection"),
        ActionType.PHYSICAL_CHANGE: Label("Fysisk förändring", "Physical change"),
        ActionType.GUARDS: Label("Ordningsvakter/trygghetsvärdar", "Guards or safety hosts"),
        ActionType.CCTV_APPLICATION: Label("Kamerabevakning prövas", "Camera use considered"),
        ActionType.LICENCE_SUPERVISION: Label("Alkoholtillsyn", "Alcohol licence supervision"),
        ActionType.SAFETY_WALK: Label("Trygghetsvandring", "Safety walk"),
        ActionType.CITIZEN_DIALOGUE: Label("Medborgardialog", "Citizen dialogue"),
        ActionType.ACTIVITY: Label("Befolka platsen/aktivitet", "Activity at the place"),
        ActionType.OWNER_MEETING: Label("Möte med fastighetsägare", "Meeting with property owners"),
        ActionType.OUTREACH: Label("Uppsökande arbete/fält", "Outreach"),
        ActionType.YOUTH_PRESENCE: Label("Fältnärvaro unga", "Presence among young people"),
        ActionType.PARENT_INFO: Label("Information till föräldrar", "Information to parents"),
        ActionType.NIGHT_WALK_SUPPORT: Label("Stöd till nattvandrare", "Support to night walkers"),
        ActionType.SHELTER_GUIDANCE: Label(
            "Motiverande samtal och vägledning", "Motivational talks and guidance"
        ),
        ActionType.CONCERN_REPORT_MADE: Label("Orosanmälan gjord", "Concern report made"),
        ActionType.INFORMATION: Label("Information/kommunikation", "Information"),
        ActionType.OTHER: Label("Annat", "Other"),
    },
    codes.ActionGroup: {
        codes.ActionGroup.POLICE: Label("Polisen", "Police"),
        codes.ActionGroup.CITY: Label("Staden", "City"),
        codes.ActionGroup.SOCIAL: Label("Socialtjänsten", "Social services"),
        codes.ActionGroup.ANY: Label("Alla", "Any"),
    },
}

_VALUES: dict[type[StrEnum], Mapping[StrEnum, Label]] = {
    Role: {
        Role.REPORTER: Label("Rapportör", "Reporter"),
        Role.REGISTRAR: Label("Registrator", "Registrar"),
        Role.CASEWORKER: Label("Handläggare", "Caseworker"),
        Role.FIELD_OFFICER: Label("Polis i yttre tjänst/fältsekreterare", "Field officer"),
        Role.COORDINATOR: Label("Trygghetssamordnare", "Coordinator"),
        Role.MANAGER: Label("Chef", "Manager"),
        Role.AUDITOR: Label("Granskare", "Auditor"),
        Role.ADMIN: Label("Systemförvaltare", "Administrator"),
        Role.SYSTEM: Label("Systemet", "The system"),
    },
    PlacePrecision: {
        PlacePrecision.EXACT: Label("Exakt plats", "Exact place"),
        PlacePrecision.NAMED: Label("Namngiven plats", "Named place"),
        PlacePrecision.AREA: Label("Bara område", "Area only"),
    },
}

_ORGANISATION: dict[type[StrEnum], Mapping[StrEnum, Label]] = {
    codes.AgencyKind: {
        codes.AgencyKind.AUTHORITY_STATE: Label("Statlig myndighet", "State authority"),
        codes.AgencyKind.AUTHORITY_CITY: Label("Kommunal myndighet", "City authority"),
        codes.AgencyKind.PUBLIC_COMPANY: Label("Offentligt ägt bolag", "Publicly owned company"),
        codes.AgencyKind.PARTNER: Label("Samverkanspartner", "Partner"),
    },
    codes.SecrecyDomain: {
        codes.SecrecyDomain.POLICE: Label("Polisens sekretess", "Police secrecy"),
        codes.SecrecyDomain.CITY: Label("Stadens sekretess", "City secrecy"),
        codes.SecrecyDomain.SOCIAL: Label("Socialtjänstens sekretess", "Social services secrecy"),
        codes.SecrecyDomain.NONE: Label("Ingen sekretess", "No secrecy"),
    },
    codes.CategoryGroup: {
        codes.CategoryGroup.THEFT: Label("Stöld", "Theft"),
        codes.CategoryGroup.ROBBERY: Label("Rån", "Robbery"),
        codes.CategoryGroup.VIOLENCE: Label("Våld och hot", "Violence and threats"),
        codes.CategoryGroup.SEXUAL: Label("Sexualbrott", "Sexual offences"),
        codes.CategoryGroup.DAMAGE: Label("Skadegörelse och brand", "Damage and fire"),
        codes.CategoryGroup.DRUGS_ALCOHOL: Label("Alkohol och narkotika", "Alcohol and drugs"),
        codes.CategoryGroup.DISORDER: Label("Ordningsstörningar", "Disorder"),
        codes.CategoryGroup.TRAFFIC: Label("Trafik", "Traffic"),
        codes.CategoryGroup.SOCIAL: Label("Social utsatthet", "Social vulnerability"),
        codes.CategoryGroup.OTHER_CRIME: Label("Hatbrott och extremism", "Hate and extremism"),
        codes.CategoryGroup.PHYSICAL: Label("Fysisk miljö", "Physical environment"),
        codes.CategoryGroup.OTHER: Label("Annat", "Other"),
    },
}

_ACCESS: dict[type[StrEnum], Mapping[StrEnum, Label]] = {
    codes.AccessPattern: {
        codes.AccessPattern.WITHOUT_REASON: Label(
            "Läst utan skäl som framgår", "Read without a reason that shows"
        ),
        codes.AccessPattern.NIGHT: Label("Läst på natten", "Read at night"),
        codes.AccessPattern.MANY_ISSUES: Label(
            "Många ärenden på en timme", "Many issues in an hour"
        ),
        codes.AccessPattern.MANY_READERS: Label(
            "Ett ärende som många läser", "One issue that many read"
        ),
        codes.AccessPattern.NAMES_SOUGHT: Label(
            "Sökt på sitt eget eller en kollegas namn",
            "Searched for their own or a colleague's name",
        ),
    },
    codes.AccessFinding: {
        codes.AccessFinding.NOT_NEEDED: Label(
            "Läsningen behövdes inte för arbetet", "The reading was not needed for the work"
        ),
        codes.AccessFinding.REASON_UNKNOWN: Label(
            "Skälet gick inte att få fram", "The reason could not be found out"
        ),
        codes.AccessFinding.ACCOUNT_LENT: Label(
            "Någon annan använde kontot", "Somebody else used the account"
        ),
        codes.AccessFinding.RIGHTS_TOO_WIDE: Label(
            "Behörigheten är för vid", "The permission is too wide"
        ),
        codes.AccessFinding.HANDED_ON: Label(
            "Lämnat vidare för utredning", "Handed on for investigation"
        ),
    },
}

LABELS: Mapping[type[StrEnum], Mapping[StrEnum, Label]] = MappingProxyType(
    {
        **_SCALES,
        **_REPORTS,
        **_REFERRALS,
        **_ISSUES,
        **_ACTIONS,
        **_VALUES,
        **_ORGANISATION,
        **_ACCESS,
    }
)
"""The words for every member of every enum in ``domain.codes`` and ``domain.values``."""

UNSAFETY_LABELS: Mapping[int, Label] = MappingProxyType(
    {
        1: Label("Lite", "A little"),
        2: Label("Ganska lite", "Somewhat"),
        3: Label("Ganska mycket", "Quite a lot"),
        4: Label("Mycket", "A lot"),
    }
)
"""The words for perceived unsafety, ``UNSAFETY_LOWEST`` to ``UNSAFETY_HIGHEST``."""
