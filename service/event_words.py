"""What each kind of event is called where people choose among them."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.labels import Label

EVENT_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "ReportReceived": Label("Rapport mottagen", "Report received"),
        "ReportRevised": Label("Rapport ändrad", "Report revised"),
        "ReportLinked": Label("Rapport kopplad till ärende", "Report linked to an issue"),
        "ReportDismissed": Label("Rapport avfärdad", "Report dismissed"),
        "FeedbackSent": Label("Återkoppling given", "Feedback given"),
        "IssueOpened": Label("Ärende öppnat", "Issue opened"),
        "SourceReportAdded": Label("Rapport tillagd i ärende", "Report added to an issue"),
        "RecordRegistered": Label("Diariefört", "Registered"),
        "CategoryChanged": Label("Kategori ändrad", "Category changed"),
        "PriorityChanged": Label("Prioritet ändrad", "Priority changed"),
        "PlaceCorrected": Label("Plats rättad", "Place corrected"),
        "TitleChanged": Label("Rubrik ändrad", "Title changed"),
        "CaseworkerAssigned": Label("Handläggare tilldelad", "Caseworker assigned"),
        "CaseworkerUnassigned": Label("Handläggare borttagen", "Caseworker removed"),
        "ReferralSent": Label("Överlämning skickad", "Referral sent"),
        "ReferralDelivered": Label("Överlämning framme", "Referral delivered"),
        "ReferralOpened": Label("Överlämning läst", "Referral read"),
        "ReferralAccepted": Label("Överlämning antagen", "Referral accepted"),
        "ReferralDeclined": Label("Överlämning avböjd", "Referral declined"),
        "ReferralInfoRequested": Label("Komplettering begärd", "More information asked for"),
        "ReferralInfoProvided": Label("Komplettering lämnad", "Information provided"),
        "ReferralAnswered": Label("Svar eller yttrande lämnat", "Answer or opinion given"),
        "ReferralReturned": Label("Överlämning återlämnad", "Referral returned"),
        "ReferralWithdrawn": Label("Överlämning återkallad", "Referral withdrawn"),
        "ReferralReminderSent": Label("Påminnelse skickad", "Reminder sent"),
        "ReferralEscalated": Label("Eskalerat", "Escalated"),
        "ResponsibilityTransferred": Label("Ansvar flyttat", "Responsibility moved"),
        "ResponsibilityProposed": Label("Ansvarig föreslagen", "Responsibility proposed"),
        "ActionPlanned": Label("Åtgärd planerad", "Action planned"),
        "ActionPerformed": Label("Åtgärd loggad", "Action logged"),
        "ActionCancelled": Label("Åtgärd inställd", "Action cancelled"),
        "FollowUpScheduled": Label("Uppföljning planerad", "Follow-up scheduled"),
        "FollowUpRecorded": Label("Uppföljning gjord", "Follow-up recorded"),
        "NoteAdded": Label("Tjänsteanteckning", "Note"),
        "SecrecyMarked": Label("Sekretessmarkerat", "Marked as secret"),
        "SecrecyMarkRemoved": Label("Sekretessmarkering borttagen", "Secrecy mark removed"),
        "CorrectionRecorded": Label("Uppgift rättad", "Entry corrected"),
        "DisputeNoted": Label("Invändning antecknad", "Dispute noted"),
        "IssueParked": Label("Ärende parkerat", "Issue parked"),
        "IssueResumed": Label("Ärende återupptaget", "Issue resumed"),
        "IssueClosed": Label("Ärende avslutat", "Issue closed"),
        "IssueReopened": Label("Ärende återöppnat", "Issue reopened"),
        "IssuesMerged": Label("Ärenden hopslagna", "Issues merged"),
        "IssueVoided": Label("Ärende makulerat", "Issue voided"),
        "DirectoryStarted": Label("Registret påbörjat", "Directory started"),
        "AgencyRegistered": Label("Aktör registrerad", "Agency registered"),
        "AgencySucceeded": Label("Aktör ersatt", "Agency succeeded"),
        "AreaRegistered": Label("Område registrerat", "Area registered"),
        "PlaceRegistered": Label("Plats registrerad", "Place registered"),
        "UserGranted": Label("Behörighet given", "Permission granted"),
        "UserRevoked": Label("Behörighet borttagen", "Permission removed"),
        "AccessReviewPerformed": Label("Loggkontroll gjord", "Access log reviewed"),
    }
)
"""A test holds it to the events that there are."""
