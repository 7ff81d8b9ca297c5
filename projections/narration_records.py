"""The lines of reports, of the directory of agencies, areas, places, users, and of reviews."""

from collections.abc import Mapping

from projections.narration_line import Line, by_system, has, line

_REPORTS: Mapping[str, tuple[Line, ...]] = {
    "ReportReceived": (
        line(
            "{receiving_agency:name} tog emot en rapport: {content.kind:ReportKind}",
            "{receiving_agency:name} received a report: {content.kind:ReportKind}",
            lambda facts: by_system(facts) or facts["actor"] == facts["receiving_agency"],
        ),
        line(
            "{actor:name} lämnade en rapport till {receiving_agency:name}: "
            "{content.kind:ReportKind}",
            "{actor:name} gave a report to {receiving_agency:name}: {content.kind:ReportKind}",
        ),
    ),
    "ReportRevised": (
        line("Rapporten kom i en ny version", "The report came in a new version", by_system),
        line(
            "{actor:name} tog emot en ny version av rapporten",
            "{actor:name} received a new version of the report",
        ),
    ),
    "ReportLinked": (
        line(
            "{actor:name} kopplade rapporten till ärende {number:number}",
            "{actor:name} linked the report to issue {number:number}",
            has("number"),
        ),
        line(
            "{actor:name} kopplade rapporten till ett ärende",
            "{actor:name} linked the report to an issue",
        ),
    ),
    "ReportDismissed": (
        line(
            "{actor:name} avfärdade rapporten: {reason:DismissReason}",
            "{actor:name} dismissed the report: {reason:DismissReason}",
        ),
    ),
    "FeedbackSent": (
        line(
            "{actor:name} gav rapportören återkoppling ({channel:FeedbackChannel/lower})",
            "{actor:name} gave the reporter feedback ({channel:FeedbackChannel/lower})",
        ),
    ),
}

_DIRECTORY: Mapping[str, tuple[Line, ...]] = {
    "DirectoryStarted": (
        line("{actor:name} började föra registret", "{actor:name} started the directory"),
    ),
    "AgencyRegistered": (
        line(
            "{actor:name} registrerade aktören {agency_id:name}",
            "{actor:name} registered the agency {agency_id:name}",
        ),
    ),
    "AgencySucceeded": (
        line(
            "{agency_id:name} upphör efter {valid_to:day} och {successor_id:name} tar vid",
            "{agency_id:name} ends after {valid_to:day} and {successor_id:name} takes its place",
            has("successor_id"),
        ),
        line(
            "{agency_id:name} upphör efter {valid_to:day}",
            "{agency_id:name} ends after {valid_to:day}",
        ),
    ),
    "AreaRegistered": (
        line("{actor:name} registrerade ett område", "{actor:name} registered an area"),
    ),
    "PlaceRegistered": (
        line("{actor:name} registrerade en plats", "{actor:name} registered a place"),
    ),
    "UserGranted": (
        line(
            "{actor:name} gav {user_id:name} rollen {role:Role/lower} hos {agency_id:name}",
            "{actor:name} gave {user_id:name} the role {role:Role/lower} at {agency_id:name}",
        ),
    ),
    "UserRevoked": (
        line(
            "{actor:name} tog bort behörigheten för {user_id:name}",
            "{actor:name} removed the permission of {user_id:name}",
        ),
    ),
}

_REVIEWS: Mapping[str, tuple[Line, ...]] = {
    "AccessReviewPerformed": (
        line(
            "{agency_id:name} gick igenom sin åtkomstlogg från {period_from:day} till "
            "{period_to:day} och hade anmärkningar",
            "{agency_id:name} looked through its access log from {period_from:day} to "
            "{period_to:day} and had remarks",
            has("findings"),
        ),
        line(
            "{agency_id:name} gick igenom sin åtkomstlogg från {period_from:day} till "
            "{period_to:day} utan anmärkning",
            "{agency_id:name} looked through its access log from {period_from:day} to "
            "{period_to:day} without remarks",
        ),
    ),
    "AccessRowsDisposed": (
        line(
            "{agency_id:name} gallrade det i sin åtkomstlogg som är från före {before:day}",
            "{agency_id:name} disposed of what is in its access log from before {before:day}",
        ),
    ),
}

LINES: Mapping[str, tuple[Line, ...]] = {**_REPORTS, **_DIRECTORY, **_REVIEWS}
