"""Sentences that help people choose between codes, in Swedish and English.

A code without a sentence explains itself.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from domain import codes
from domain.codes import ActionType, DeclineReason
from domain.labels import Label


def hint(member: StrEnum) -> Label | None:
    """Return the sentence that helps to choose this code, if it has one."""
    return HINTS.get(type(member), {}).get(member)


HINTS: Mapping[type[StrEnum], Mapping[StrEnum, Label]] = MappingProxyType(
    {
        codes.Priority: {
            codes.Priority.URGENT: Label(
                "Akut är inte nödläge. Pågående brott eller fara för liv? Ring 112. "
                "Annars polisen 114 14.",
                "Urgent is not an emergency. Crime in progress or danger to life? Call 112. "
                "Otherwise call the police on 114 14.",
            ),
        },
        codes.Certainty: {
            codes.Certainty.UNCERTAIN: Label(
                "Rapportera gärna även om du inte är säker.",
                "Please report even if you are not sure.",
            ),
        },
        codes.ReferralType: {
            codes.ReferralType.TRANSFER: Label(
                "Ansvaret flyttas först när mottagaren tar över. "
                "Du är ansvarig tills mottagaren tar över.",
                "Responsibility moves only when the receiver accepts. "
                "You are responsible until then.",
            ),
            codes.ReferralType.ASSIST: Label(
                "Mottagaren gör en åtgärd. Du är fortfarande ansvarig.",
                "The receiver carries out an action. You remain responsible.",
            ),
            codes.ReferralType.CONSULT: Label(
                "Begär ett yttrande. Skriv vad yttrandet ska gälla och sista svarsdag.",
                "Asks for an opinion. Say what it concerns and the last day to answer.",
            ),
            codes.ReferralType.INFORM: Label("Inget svar väntas.", "No answer is expected."),
        },
        codes.ReferralStatus: {
            codes.ReferralStatus.ACCEPTED: Label(
                "Vid en begäran om insats är avsändaren fortfarande ansvarig för ärendet.",
                "For a request for assistance the sender remains responsible for the issue.",
            ),
        },
        DeclineReason: {
            DeclineReason.INSUFFICIENT_INFORMATION: Label(
                "Be hellre om komplettering.", "Ask for more information instead."
            ),
            DeclineReason.NO_CAPACITY_NOW: Label(
                "Ange tidigast möjliga datum.", "State the earliest possible date."
            ),
            DeclineReason.OTHER_AGENCY_RIGHT: Label(
                "Ange vem som är rätt mottagare.", "Say which agency is the right one."
            ),
            DeclineReason.SECRECY_PREVENTS: Label(
                "Finns ett skäl som säger mer? Välj hellre det.",
                "Is there a reason that says more? Choose that instead.",
            ),
        },
        codes.Effect: {
            codes.Effect.TOO_EARLY: Label(
                "Kräver ett nytt datum för uppföljning. Ärendet kan inte avslutas ännu.",
                "Needs a new follow-up date. The issue cannot be closed yet.",
            ),
        },
        ActionType: {
            ActionType.CRIME_REPORT_FILED: Label(
                "Skriv inte anmälans nummer här. Det hör till sekretessdelen.",
                "Do not write the report number here. It belongs in the confidential part.",
            ),
            ActionType.DISPERSAL: Label("Enligt 13 § polislagen.", "Police Act, section 13."),
            ActionType.SHELTER_GUIDANCE: Label(
                "Skriv inte vem det gäller.", "Do not write who it concerns."
            ),
            ActionType.CONCERN_REPORT_MADE: Label(
                "Orosanmälan görs i annat system. Skriv inte vem det gäller.",
                "The concern report is made in another system. Do not write who it concerns.",
            ),
        },
        codes.AgencyKind: {
            codes.AgencyKind.PARTNER: Label(
                "Inte en myndighet. Tar aldrig emot sekretessbelagda uppgifter.",
                "Not an authority. Never receives secret data.",
            ),
        },
        codes.CloseOutcome: {
            codes.CloseOutcome.HANDLED_ELSEWHERE: Label(
                "Skriv skälet. Uppföljning krävs inte.", "Give the reason. No follow-up is needed."
            ),
            codes.CloseOutcome.NO_ACTION_POSSIBLE: Label(
                "Skriv skälet. Uppföljning krävs inte.", "Give the reason. No follow-up is needed."
            ),
            codes.CloseOutcome.DUPLICATE: Label(
                "Skriv numret på det andra ärendet. Uppföljning krävs inte.",
                "Give the number of the other issue. No follow-up is needed.",
            ),
        },
    }
)
