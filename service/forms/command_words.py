"""What every command that people give is called on screen, and what it leads to."""

from domain.codes import ReferralType
from domain.labels import Label

COMMAND_WORDS: dict[str, Label] = {
    "AcceptReferral": Label("Ta över", "Take over"),
    "AddNote": Label("Skriv tjänsteanteckning", "Write a note"),
    "AnswerReferral": Label("Svara", "Answer"),
    "AssignCaseworker": Label("Tilldela handläggare", "Assign a caseworker"),
    "CancelAction": Label("Ställ in åtgärden", "Cancel the action"),
    "ChangeCategory": Label("Ändra kategori", "Change the category"),
    "ChangePriority": Label("Ändra prioritet", "Change the priority"),
    "ChangeTitle": Label("Ändra rubriken", "Change the title"),
    "CloseIssue": Label("Avsluta ärendet", "Close the issue"),
    "CorrectPlace": Label("Rätta platsen", "Correct the place"),
    "DeclineReferral": Label("Avböj", "Decline"),
    "DismissReport": Label("Avfärda rapporten", "Dismiss the report"),
    "LinkReport": Label("Koppla till ärende", "Link to an issue"),
    "MarkSecrecy": Label("Sekretessmarkera", "Mark as secret"),
    "MergeIssues": Label("Slå ihop ärenden", "Merge issues"),
    "NoteDispute": Label("Anteckna invändning", "Note a dispute"),
    "OpenIssue": Label("Nytt ärende", "New issue"),
    "OpenReferral": Label("Markera som läst", "Mark as read"),
    "ParkIssue": Label("Parkera", "Park"),
    "PerformAction": Label("Logga åtgärd", "Log an action"),
    "PlanAction": Label("Planera åtgärd", "Plan an action"),
    "ProposeResponsibility": Label("Föreslå ansvarig", "Propose who is responsible"),
    "ProvideReferralInfo": Label("Lämna komplettering", "Provide the information"),
    "ReceiveReport": Label("Ny rapport", "New report"),
    "RecordCorrection": Label("Rätta en uppgift", "Correct an entry"),
    "RecordFollowUp": Label("Följ upp", "Follow up"),
    "RegisterRecord": Label("Diarieför", "Register"),
    "RemoveSecrecyMark": Label("Ta bort sekretessmarkeringen", "Remove the secrecy mark"),
    "ReopenIssue": Label("Återöppna", "Reopen"),
    "RequestReferralInfo": Label("Be om komplettering", "Ask for more information"),
    "ResumeIssue": Label("Återuppta", "Resume"),
    "ReturnReferral": Label("Återlämna", "Return"),
    "ReviseReport": Label("Ändra rapporten", "Revise the report"),
    "ScheduleFollowUp": Label("Planera uppföljning", "Schedule a follow-up"),
    "SendFeedback": Label("Ge återkoppling", "Send feedback"),
    "SendReferral": Label("Överlämna ärendet", "Refer the issue"),
    "UnassignCaseworker": Label("Ta bort handläggare", "Remove the caseworker"),
    "VoidIssue": Label("Makulera", "Void"),
    "WithdrawReferral": Label("Återkalla", "Withdraw"),
}
"""The words on the button and heading of every command that people give by hand."""

LEADS_TO: dict[str, Label] = {
    "AcceptReferral": Label(
        "Ni blir ansvariga för ärendet.", "You become responsible for the issue."
    ),
    "AddNote": Label(
        "Alla myndigheter kan läsa anteckningen. Den får datum och ditt namn.",
        "Every authority can read the note. It gets a date and your name.",
    ),
    "AnswerReferral": Label(
        "Svaret går till avsändaren och syns i ärendet.",
        "The answer goes to the sender and shows in the issue.",
    ),
    "CancelAction": Label(
        "Åtgärden står kvar i ärendet som inställd.",
        "The action stays in the issue as cancelled.",
    ),
    "CloseIssue": Label(
        "Ärendet kan återöppnas med samma nummer.",
        "The issue can be reopened with the same number.",
    ),
    "DeclineReferral": Label(
        "Avsändaren är fortfarande ansvarig och får ärendet överst i sin kö.",
        "The sender remains responsible and gets the issue on top of its queue.",
    ),
    "DismissReport": Label(
        "Rapporten leder inte till något ärende. Den finns kvar.",
        "The report leads to no issue. It is kept.",
    ),
    "MarkSecrecy": Label(
        "Markeringen är en varning, inget beslut. Den visar bestämmelse, datum och myndighet.",
        "The mark is a warning and no decision. It shows provision, date and authority.",
    ),
    "MergeIssues": Label(
        "Det här ärendet upphör och dess rapporter följer med till det andra.",
        "This issue ends and its reports go along to the other one.",
    ),
    "NoteDispute": Label(
        "Händelsen står kvar. Den som läser den ser att den bestrids.",
        "The event stays. Whoever reads it sees that it is disputed.",
    ),
    "OpenReferral": Label(
        "Avsändaren ser att ni har läst.", "The sender sees that you have read it."
    ),
    "ParkIssue": Label(
        "Ärendet vilar och återupptas av sig självt när tiden är inne.",
        "The issue rests and is resumed by itself when the time has come.",
    ),
    "ProposeResponsibility": Label(
        "Förslaget är ett råd. Ansvaret flyttas först när någon tar över.",
        "The proposal is advice. Responsibility moves only when somebody takes over.",
    ),
    "RecordCorrection": Label(
        "Det som stod står kvar och visas med rättelsen bredvid.",
        "What stood there stays and is shown with the correction beside it.",
    ),
    "ReopenIssue": Label(
        "Samma ärende, samma nummer och samma ansvariga.",
        "The same issue, the same number and the same responsible agency.",
    ),
    "RequestReferralInfo": Label(
        "Er svarstid pausas tills avsändaren har lämnat kompletteringen.",
        "Your time to answer is paused until the sender has provided the information.",
    ),
    "ReturnReferral": Label(
        "Ansvaret går tillbaka till avsändaren.", "Responsibility goes back to the sender."
    ),
    "SendFeedback": Label(
        "Skriv ner svaret som rapportören har fått.",
        "Write down the reply that the reporter has been given.",
    ),
    "SendReferral": Label(
        "Du är ansvarig tills mottagaren tar över. Sekretessbelagda uppgifter följer aldrig med: "
        "skriv inga namn.",
        "You are responsible until the receiver takes over. Secret information never goes along: "
        "write no names.",
    ),
    "UnassignCaseworker": Label(
        "Ärendet står sedan utan handläggare hos er.",
        "The issue then has no caseworker at your agency.",
    ),
    "VoidIssue": Label(
        "För ärenden som öppnades av misstag. Ärendet tas inte bort, det markeras.",
        "For issues opened by mistake. The issue is not deleted but marked.",
    ),
    "WithdrawReferral": Label("Mottagaren behöver inte svara.", "The receiver need not answer."),
}
"""One sentence on top of a form, where it helps to know what will happen."""

BUTTONS: dict[str, Label] = {
    "OpenIssue": Label("Öppna ärendet", "Open the issue"),
    "ReceiveReport": Label("Lämna rapporten", "Send the report"),
}
"""What stands on the button of a form whose heading is no verb."""

OF_TYPE: dict[tuple[str, ReferralType], Label] = {
    ("AcceptReferral", ReferralType.ASSIST): Label("Åta er insatsen", "Promise to help"),
    ("AnswerReferral", ReferralType.ASSIST): Label("Svara att det är gjort", "Answer: it is done"),
    ("AnswerReferral", ReferralType.CONSULT): Label("Lämna yttrande", "Give the opinion"),
}
"""Plainer words for a command where the type of the referral is known."""

LEADS_TO_OF_TYPE: dict[tuple[str, ReferralType], Label] = {
    ("AcceptReferral", ReferralType.ASSIST): Label(
        "Ni lovar att hjälpa till. Avsändaren är fortfarande ansvarig för ärendet.",
        "You promise to help. The sender remains responsible for the issue.",
    ),
    ("ReturnReferral", ReferralType.ASSIST): Label(
        "Avsändaren får veta att ni inte gör insatsen.",
        "The sender is told that you will not do what you promised.",
    ),
}
"""What a command leads to where the type of the referral makes a difference."""


def leads_to(name: str, referral_type: ReferralType | None = None) -> Label | None:
    """The sentence on top of a form, if it needs one."""
    special = LEADS_TO_OF_TYPE.get((name, referral_type)) if referral_type else None
    return special or LEADS_TO.get(name)


def command_words(name: str, referral_type: ReferralType | None = None) -> Label:
    """What a command is called.

    Raises:
        KeyError: people do not give it by hand.
    """
    plainer = OF_TYPE.get((name, referral_type)) if referral_type else None
    return plainer or COMMAND_WORDS[name]
