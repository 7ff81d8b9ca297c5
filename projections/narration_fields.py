"""What stands below a line: which fields of events are texts, which are short facts, their labels.

Keys are fields, or ``Topic.field`` where one event means something else by it.
"""

from collections.abc import Mapping

from domain.labels import Label

TEXTS: Mapping[str, Label] = {
    "content.text": Label("Rapporten", "The report"),
    "title": Label("Intern rubrik", "Internal title"),
    "public_title": Label("Offentlig rubrik", "Public title"),
    "from_title": Label("Tidigare rubrik", "Earlier title"),
    "description_sv": Label("Beskrivning", "Description"),
    "priority_reason_sv": Label("Skäl till prioriteten", "Reason for the priority"),
    "subject_sv": Label("Ämne", "Subject"),
    "question_sv": Label("Fråga", "Question"),
    "ReferralSent.question_sv": Label("Varför ni", "Why you"),
    "wanted_sv": Label("Önskat resultat", "Wanted result"),
    "background_sv": Label("Det här har vi gjort", "What we have done"),
    "answer_sv": Label("Svar", "Answer"),
    "reason_sv": Label("Skäl", "Reason"),
    "ReferralDeclined.reason_sv": Label("Förklaring", "Explanation"),
    "ReferralReturned.reason_sv": Label("Förklaring", "Explanation"),
    "explanation_sv": Label("Förklaring", "Explanation"),
    "done_so_far_sv": Label("Gjort hittills", "Done so far"),
    "expected_effect_sv": Label("Förväntad effekt", "Expected effect"),
    "result_sv": Label("Resultat", "Result"),
    "implementation_reason_sv": Label("Skäl", "Reason"),
    "evidence_sv": Label("Vad bedömningen bygger på", "What the judgement rests on"),
    "correct_value": Label("Rätt uppgift", "Correct value"),
    "text_sv": Label("Tjänsteanteckning", "Note"),
    "DisputeNoted.text_sv": Label("Invändning", "Dispute"),
    "FeedbackSent.text_sv": Label("Återkoppling", "Feedback"),
    "summary_sv": Label("Sammanfattning", "Summary"),
    "lessons_sv": Label("Lärdomar", "Lessons"),
}
"""Free text of users; shown as written, never part of a line."""

AS_WRITTEN = "as_written"
PLACE = "place"
SOURCE = "source"
WEEK = "week"

DETAILS: Mapping[str, tuple[Label, str]] = {
    # an issue and its description
    "place": (Label("Plats", "Place"), PLACE),
    "from_place": (Label("Tidigare plats", "Earlier place"), PLACE),
    "to_place": (Label("Plats", "Place"), PLACE),
    "context_flags": (Label("Omständigheter", "Circumstances"), "context_flags"),
    "priority_area": (Label("Prioriterat samverkansområde", "Priority area"), AS_WRITTEN),
    "external_ref": (Label("Källa", "Source"), SOURCE),
    "registry_ref": (Label("Diarienummer", "Registry number"), AS_WRITTEN),
    "received_or_created_on": (Label("Inkom eller upprättades", "Received or created"), "day"),
    "sender_or_receiver": (Label("Avsändare eller mottagare", "Sender or receiver"), AS_WRITTEN),
    "until": (Label("Till", "Until"), "time"),
    "marked_on": (Label("Datum", "Date"), "day"),
    "provision": (Label("Bestämmelse", "Provision"), AS_WRITTEN),
    # referrals
    "to_unit": (Label("Enhet", "Unit"), AS_WRITTEN),
    "items_disclosed": (Label("Bilagor", "Attachments"), AS_WRITTEN),
    "deadlines.respond_by": (Label("Svar senast", "Answer by"), "time"),
    "planned_first_action_by": (Label("Planerad första åtgärd", "First action planned"), "day"),
    "first_action_due_at": (Label("Första åtgärd senast", "First action by"), "time"),
    "suggested_agency": (Label("Föreslagen mottagare", "Suggested receiver"), "name"),
    "earliest_on": (Label("Tidigast möjliga datum", "Earliest possible date"), "day"),
    "sender_acts_by": (Label("Avsändaren agerar senast", "Sender acts by"), "time"),
    "ReferralReminderSent.to_role": (Label("Skickad till", "Sent to"), "to_role"),
    "ReferralEscalated.overdue_since": (Label("Svarstiden gick ut", "Answer was due"), "time"),
    # actions and follow-up
    "owner": (Label("Ansvarig för åtgärden", "Responsible for the action"), AS_WRITTEN),
    "horizon": (Label("Effekten väntas på", "Effect expected in"), "Horizon"),
    "promise_commitment_id": (Label("Medborgarlöfte", "Promise"), AS_WRITTEN),
    "est_focus_id": (Label("Fokusplats", "Focus area"), AS_WRITTEN),
    "performed_from": (Label("Från", "From"), "time"),
    "performed_to": (Label("Till", "To"), "time"),
    "implementation": (Label("Genomförande", "Implementation"), "Implementation"),
    "together_with": (Label("Tillsammans med", "Together with"), "names"),
    "people": (Label("Antal personer", "Number of people"), "number"),
    "next_step": (Label("Nästa steg", "Next step"), "NextStep"),
    "agencies_present": (Label("Deltagande aktörer", "Agencies present"), "names"),
    "before_count": (Label("Antal före", "Count before"), "number"),
    "after_count": (Label("Antal efter", "Count after"), "number"),
    "FollowUpScheduled.responsible_agency": (Label("Ansvarig", "Responsible"), "name"),
    # reports
    "ReportRevised.content.kind": (Label("Slag", "Kind"), "ReportKind"),
    "content.channel": (Label("Kanal", "Channel"), "ReportChannel"),
    "content.category": (Label("Kategori", "Category"), "category"),
    "content.place": (Label("Plats", "Place"), PLACE),
    "content.occurred_from": (Label("Från", "From"), "time"),
    "content.occurred_to": (Label("Till", "To"), "time"),
    "content.time_precision": (Label("Klockslagets säkerhet", "Precision"), "TimePrecision"),
    "content.certainty": (Label("Säkerhet", "Certainty"), "Certainty"),
    "content.perceived_unsafety": (Label("Upplevd otrygghet", "Perceived unsafety"), "unsafety"),
    "content.estimated_people": (Label("Antal personer", "Number of people"), "EstimatedPeople"),
    "content.reported_to_police": (Label("Polisen kontaktad", "Police told"), "ReportedToPolice"),
    "content.context_flags": (Label("Omständigheter", "Circumstances"), "context_flags"),
    "content.est_week": (Label("EST-vecka", "EST week"), WEEK),
    "wants_reply": (Label("Rapportören vill ha svar", "The reporter wants a reply"), "yes"),
    "anonymous": (Label("Anonym", "Anonymous"), "yes"),
    "triage_by": (Label("Bedöms senast", "Assess by"), "time"),
    # the directory
    "name_sv": (Label("Svenskt namn", "Swedish name"), AS_WRITTEN),
    "name_en": (Label("Engelskt namn", "English name"), AS_WRITTEN),
    "name": (Label("Namn", "Name"), AS_WRITTEN),
    "AgencyRegistered.kind": (Label("Slag", "Kind"), "AgencyKind"),
    "secrecy_domain": (Label("Sekretessområde", "Secrecy domain"), "SecrecyDomain"),
    "valid_from": (Label("Gäller från", "Valid from"), "day"),
    "valid_to": (Label("Gäller till", "Valid to"), "day"),
    "AgencyRegistered.successor_id": (Label("Efterträdare", "Successor"), "name"),
    "AreaRegistered.successor_id": (Label("Efterträdare", "Successor"), AS_WRITTEN),
    "intake_only": (Label("Tar bara emot rapporter", "Takes in reports only"), "yes"),
    "area_id": (Label("Område", "Area"), AS_WRITTEN),
    # a review of the access log
    "log_rows": (Label("Rader i loggen", "Rows in the log"), "number"),
    "readers": (Label("Läsare", "Readers"), "number"),
    "rows_without_reason": (Label("Rader utan skäl", "Rows without a reason"), "number"),
    "AccessRowsDisposed.rows": (Label("Gallrade rader", "Rows disposed of"), "number"),
    "decision_ref": (Label("Beslut", "Decision"), AS_WRITTEN),
    "sample_size": (Label("Rader i stickprovet", "Rows in the sample"), "number"),
    "patterns": (Label("Det som stack ut", "What stood out"), "access_patterns"),
    "findings": (Label("Anmärkningar", "Remarks"), "access_findings"),
    # the envelope
    "on_behalf_of": (Label("På uppdrag av", "On behalf of"), "name"),
    "confirmed_not_personal": (Label("Inte personuppgift", "No personal data"), "kinds_of_data"),
}
"""Short facts, and how each is said: a key of ``HOW``, or as written for what users named."""

NOT_SHOWN = frozenset(
    {
        # ids that only programs follow; what they stand for is in the line or in other fields
        *("action_id", "referral_id", "issue_id", "report_id", "note_id", "place_id"),
        *("merged_id", "into_id", "report_ids", "source_reports", "refers_to_event"),
        # derived from other events, shown as a badge or as a deadline
        *("bounces", "deadlines.remind_at", "deadlines.escalate_at", "deadlines.by_hours"),
        # a pseudonym of the reporter: only the receiving agency has a use for it
        "reporter_ref",
        # a map shows them
        *("lat", "lon"),
    }
)
"""Fields of events that nobody reads on a page."""
