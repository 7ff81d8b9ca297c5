"""What every field of every command is called on screen, and the hint beside it."""

from domain.labels import Label

FIELD_WORDS: dict[str, Label] = {
    "action_id": Label("Planerad åtgärd", "Planned action"),
    "action_type": Label("Åtgärdstyp", "Type of action"),
    "after_count": Label("Antal efter", "Count after"),
    "agencies_present": Label("Deltagande aktörer", "Agencies present"),
    "anonymous": Label("Rapportören är anonym", "The reporter is anonymous"),
    "answer_sv": Label("Svar", "Answer"),
    "background_sv": Label("Det här har vi gjort", "What we have done so far"),
    "before_count": Label("Antal före", "Count before"),
    "category": Label("Kategori", "Category"),
    "certainty": Label("Hur säker är du?", "How sure are you?"),
    "channel": Label("Väg in", "Channel"),
    "context_flags": Label("Omständigheter", "Circumstances"),
    "correct_value": Label("Rätt uppgift", "What is right"),
    "description_sv": Label("Beskrivning", "Description"),
    "done_so_far_sv": Label("Gjort hittills", "Done so far"),
    "due_at": Label("Följ upp senast", "Follow up by"),
    "due_on": Label("Klart senast", "Done by"),
    "earliest_on": Label("Tidigast möjliga datum", "Earliest possible date"),
    "effect": Label("Effekt", "Effect"),
    "estimated_people": Label("Ungefär hur många personer?", "Roughly how many people?"),
    "evidence_sv": Label("Vad bygger bedömningen på?", "What does the judgement rest on?"),
    "expected_effect_sv": Label("Vilken effekt väntar ni er?", "What effect do you expect?"),
    "explanation_sv": Label("Förklaring", "Explanation"),
    "horizon": Label("När väntas effekten?", "When is the effect expected?"),
    "implementation": Label("Blev åtgärden genomförd?", "Was the action carried out?"),
    "implementation_reason_sv": Label("Varför inte helt?", "Why not fully?"),
    "into_issue_id": Label("Slå ihop med", "Merge into"),
    "issue_id": Label("Ärende", "Issue"),
    "kind": Label("Typ av rapport", "Kind of report"),
    "lessons_sv": Label("Lärdomar", "Lessons"),
    "next_follow_up_at": Label("Ny uppföljning", "Next follow-up"),
    "next_step": Label("Nästa steg", "Next step"),
    "not_personal": Label(
        "Texten innehåller inga personuppgifter", "The text holds no personal data"
    ),
    "occurred_at": Label("När hände det?", "When did it happen?"),
    "occurred_from": Label("När hände det?", "When did it happen?"),
    "occurred_to": Label("När slutade det?", "When did it end?"),
    "outcome": Label("Utfall", "Outcome"),
    "owner": Label("Ansvarig för åtgärden", "Owner of the action"),
    "people": Label("Hur många var ni?", "How many of you were there?"),
    "perceived_unsafety": Label("Hur otryggt upplevdes det?", "How unsafe did it feel?"),
    "performed_from": Label("När började åtgärden?", "When did the action begin?"),
    "performed_to": Label("När slutade den?", "When did it end?"),
    "place": Label("Plats", "Place"),
    "planned_first_action_by": Label("Första åtgärd senast", "First action by"),
    "priority": Label("Prioritet", "Priority"),
    "priority_area": Label("Prioriterat samverkansområde", "Priority area"),
    "priority_reason_sv": Label("Skäl till prioriteten", "Reason for the priority"),
    "proposed_agency": Label("Föreslagen ansvarig", "Proposed responsible agency"),
    "provision": Label("Bestämmelse", "Provision"),
    "public_title": Label("Offentlig rubrik", "Public title"),
    "question_sv": Label("Fråga", "Question"),
    "reason": Label("Skäl", "Reason"),
    "reason_code": Label("Skäl", "Reason"),
    "reason_sv": Label("Förklaring", "Explanation"),
    "received_or_created_on": Label("Inkom eller upprättades", "Received or created"),
    "refers_to_event": Label("Gäller händelsen", "About the event"),
    "registry_ref": Label("Diarienummer", "Registry number"),
    "report_id": Label("Rapport", "Report"),
    "report_ids": Label("Rapporter", "Reports"),
    "reported_to_police": Label("Är polisen kontaktad?", "Have the police been told?"),
    "respond_by": Label("Svara senast", "Answer by"),
    "responsible_agency": Label("Ansvarig", "Responsible agency"),
    "result_sv": Label("Vad blev resultatet?", "What was the result?"),
    "sender_or_receiver": Label("Avsändare eller mottagare", "Sender or receiver"),
    "subject_sv": Label("Ärendemening", "Subject"),
    "suggested_agency": Label("Annan mottagare", "Another receiver"),
    "summary_sv": Label("Sammanfattning", "Summary"),
    "text": Label("Vad har hänt?", "What has happened?"),
    "text_sv": Label("Text", "Text"),
    "time_precision": Label("Hur säkert är klockslaget?", "How sure is the time?"),
    "title": Label("Intern rubrik", "Internal title"),
    "to_agency": Label("Mottagare", "Receiver"),
    "to_unit": Label("Enhet hos mottagaren", "Unit at the receiver"),
    "together_with": Label("Tillsammans med", "Together with"),
    "type": Label("Typ", "Type"),
    "until": Label("Parkera till", "Park until"),
    "user_id": Label("Handläggare", "Caseworker"),
    "wanted_sv": Label("Vilket resultat önskar ni?", "What result do you wish for?"),
    "wants_reply": Label("Rapportören vill ha svar", "The reporter wants a reply"),
}
"""Words by field name; the same field has the same words in every form."""


OF_COMMAND: dict[tuple[str, str], Label] = {
    ("AddNote", "text_sv"): Label("Anteckning", "Note"),
    ("AnswerReferral", "answer_sv"): Label("Ert svar", "Your answer"),
    ("CancelAction", "reason_sv"): Label("Varför ställs åtgärden in?", "Why is it cancelled?"),
    ("ChangeCategory", "reason_sv"): Label("Varför ändras kategorin?", "Why the change?"),
    ("ChangePriority", "reason_sv"): Label("Varför ändras prioriteten?", "Why the change?"),
    ("ChangeTitle", "reason_sv"): Label("Varför ändras rubriken?", "Why the change?"),
    ("CorrectPlace", "place"): Label("Rätt plats", "The right place"),
    ("CorrectPlace", "reason_sv"): Label("Varför rättas platsen?", "Why the correction?"),
    ("DismissReport", "explanation_sv"): Label("Förklaring", "Explanation"),
    ("MergeIssues", "into_issue_id"): Label(
        "Numret på ärendet som lever vidare", "The number of the issue that lives on"
    ),
    ("MergeIssues", "reason_sv"): Label("Varför hör de ihop?", "Why do they belong together?"),
    ("NoteDispute", "text_sv"): Label("Vad bestrids, och av vem?", "What is disputed, by whom?"),
    ("ParkIssue", "reason_sv"): Label("Varför parkeras ärendet?", "Why is the issue parked?"),
    ("PlanAction", "description_sv"): Label("Vad ska ni göra?", "What are you going to do?"),
    ("ProposeResponsibility", "reason_sv"): Label("Varför just den?", "Why that one?"),
    ("ProvideReferralInfo", "answer_sv"): Label("Komplettering", "What was asked for"),
    ("RecordCorrection", "reason_sv"): Label("Varför rättas uppgiften?", "Why the correction?"),
    ("RemoveSecrecyMark", "reason_sv"): Label("Varför tas den bort?", "Why is it removed?"),
    ("ReopenIssue", "reason_sv"): Label("Vad har hänt?", "What has happened?"),
    ("RequestReferralInfo", "question_sv"): Label("Vad behöver ni veta?", "What do you need?"),
    ("ResumeIssue", "reason_sv"): Label("Varför återupptas ärendet?", "Why is it resumed?"),
    ("ReviseReport", "reason_sv"): Label("Varför ändras rapporten?", "Why the revision?"),
    ("SendFeedback", "channel"): Label("Hur fick rapportören svar?", "How was it sent?"),
    ("SendFeedback", "text_sv"): Label("Vad svarade ni?", "What did you reply?"),
    ("SendReferral", "question_sv"): Label(
        "Varför vänder ni er till mottagaren?", "Why do you turn to the receiver?"
    ),
    ("VoidIssue", "reason_sv"): Label("Varför makuleras ärendet?", "Why is the issue voided?"),
    ("WithdrawReferral", "reason_sv"): Label("Varför återkallar ni?", "Why do you withdraw it?"),
}
"""Words of a field where one form asks more plainly than the others."""

ENDS_ITSELF = ("?", "!", ".", ":", "…")
"""How words end that are a sentence already: what is said of them follows without a colon."""

HINTS: dict[str, Label] = {
    "background_sv": Label(
        "Det som har loggats på ärendet står här redan. Ändra fritt.",
        "What has been logged on the issue stands here already. Change it freely.",
    ),
    "due_on": Label("I dag eller senare.", "Today or later."),
    "evidence_sv": Label(
        "Till exempel antal rapporter före och efter, eller vad verksamheterna säger.",
        "For example the number of reports before and after, or what businesses say.",
    ),
    "earliest_on": Label(
        "Behövs om skälet är att resurs saknas just nu.",
        "Needed if the reason is that there is no capacity right now.",
    ),
    "implementation_reason_sv": Label(
        "Behövs om åtgärden inte blev genomförd.", "Needed if the action was not carried out."
    ),
    "into_issue_id": Label("Skriv som TIC-2026-00042.", "Write like TIC-2026-00042."),
    "next_follow_up_at": Label(
        "Behövs om det är för tidigt att bedöma.", "Needed if it is too early to tell."
    ),
    "occurred_from": Label("Tomt betyder nu.", "Empty means now."),
    "performed_from": Label("Tomt betyder nu.", "Empty means now."),
    "provision": Label("Till exempel OSL 26 kap. 1 §.", "For example OSL 26 kap. 1 §."),
    "public_title": Label(
        "Syns i det offentliga diariet. Skriv inga namn.",
        "Shown in the public register. Write no names.",
    ),
    "suggested_agency": Label(
        "Behövs om skälet är att någon annan är rätt mottagare.",
        "Needed if the reason is that another receiver is right.",
    ),
    "text": Label(
        "Skriv inga namn, registreringsnummer eller signalement. Det du skriver blir en allmän "
        "handling.",
        "Write no names, registration numbers or descriptions of people. What you write becomes "
        "a public record.",
    ),
    "title": Label(
        "Tomt betyder samma som den offentliga.", "Empty means the same as the public one."
    ),
}
"""A sentence beside a field, in every form that has it."""

HINTS_OF_COMMAND: dict[tuple[str, str], Label] = {
    ("AddNote", "occurred_at"): Label(
        "Om det du antecknar hände tidigare, till exempel ett samtal.",
        "If what you note happened earlier, for example a call.",
    ),
    ("ChangeTitle", "title"): Label("Syns bara för myndigheter.", "Shown to authorities only."),
    ("DeclineReferral", "reason_sv"): Label("Minst 20 tecken.", "At least 20 characters."),
    ("DismissReport", "explanation_sv"): Label(
        "Till exempel vart rapportören hänvisades.", "For example where the reporter was directed."
    ),
    ("MarkSecrecy", "provision"): Label(
        "Bestämmelsen som kan bli tillämplig, till exempel OSL 26 kap. 1 §.",
        "The provision that may apply, for example OSL 26 kap. 1 §.",
    ),
    ("OpenIssue", "priority"): Label(
        "Tomt: kategorins vanliga prioritet. Akut är inte nödläge.",
        "Empty: the usual priority of the category. Urgent is not an emergency.",
    ),
    ("OpenIssue", "priority_reason_sv"): Label(
        "Skriv skälet om prioriteten är hög eller akut.",
        "Write the reason if the priority is high or urgent.",
    ),
    ("RecordFollowUp", "next_step"): Label(
        "Tomt: avsluta om problemet är löst, annars fortsätta.",
        "Empty: close if the problem is solved, otherwise continue.",
    ),
    ("ReturnReferral", "reason_sv"): Label("Minst 20 tecken.", "At least 20 characters."),
    ("ScheduleFollowUp", "responsible_agency"): Label(
        "Tomt: den som är ansvarig för ärendet.", "Empty: whoever is responsible for the issue."
    ),
    ("SendReferral", "question_sv"): Label(
        "Behövs vid överlämning och remiss, minst 20 tecken. En remiss säger vad yttrandet ska "
        "gälla.",
        "Needed for a transfer and a consultation, at least 20 characters. A consultation says "
        "what the opinion is to be about.",
    ),
    ("SendReferral", "wanted_sv"): Label("Behövs vid överlämning.", "Needed for a transfer."),
}
"""A sentence beside a field in one form; it stands instead of the usual one."""


def words_of(command: str, field: str) -> Label:
    """What a field is called in the form of a command.

    Raises:
        KeyError: nobody has given it words.
    """
    return OF_COMMAND.get((command, field)) or FIELD_WORDS[field]


def hint_of(command: str, field: str) -> Label | None:
    """The sentence beside a field in the form of a command, if it needs one."""
    return HINTS_OF_COMMAND.get((command, field)) or HINTS.get(field)


def said_of(words: str, text: str) -> str:
    """What is said of a field or a fact, after its words: "Plats: …", but "Vad har hänt? …"."""
    return f"{words}{'' if words.endswith(ENDS_ITSELF) else ':'} {text}"
