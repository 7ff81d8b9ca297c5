"""The lines of an issue's life: opening, description, actions, follow-up, notes and closing."""

from collections.abc import Mapping

from domain.codes import Implementation
from projections.narration_line import Line, by_system, equals, every, has, lacks, line

_OPENED_SV = "{actor:name} öppnade ärende {number:number}: {category:category}"
_OPENED_EN = "{actor:name} opened issue {number:number}: {category:category}"
_NOT_DONE = equals("implementation", Implementation.NOT_DONE)
_PARTLY = equals("implementation", Implementation.PARTLY)

_DESCRIPTION: Mapping[str, tuple[Line, ...]] = {
    "IssueOpened": (
        line(
            _OPENED_SV + ", prioritet {priority:Priority/lower}",
            _OPENED_EN + ", priority {priority:Priority/lower}",
            lambda facts: bool(facts["actor"] == facts["responsible_agency"]),
        ),
        line(
            _OPENED_SV + ", prioritet {priority:Priority/lower}. "
            "Ansvarig: {responsible_agency:name}",
            _OPENED_EN + ", priority {priority:Priority/lower}. "
            "Responsible: {responsible_agency:name}",
        ),
    ),
    "SourceReportAdded": (line("{actor:name} la till en rapport", "{actor:name} added a report"),),
    "RecordRegistered": (
        line("{agency_id:name} diarieförde ärendet", "{agency_id:name} registered the issue"),
    ),
    "CategoryChanged": (
        line(
            "{actor:name} ändrade kategorin från {from_category:category} "
            "till {to_category:category}",
            "{actor:name} changed the category from {from_category:category} "
            "to {to_category:category}",
        ),
    ),
    "PriorityChanged": (
        line(
            "{actor:name} ändrade prioriteten från {from_priority:Priority/lower} "
            "till {to_priority:Priority/lower}",
            "{actor:name} changed the priority from {from_priority:Priority/lower} "
            "to {to_priority:Priority/lower}",
        ),
    ),
    "PlaceCorrected": (line("{actor:name} rättade platsen", "{actor:name} corrected the place"),),
    "TitleChanged": (line("{actor:name} ändrade rubriken", "{actor:name} changed the title"),),
    "CaseworkerAssigned": (
        line(
            "{agency_id:name} tilldelade {user_id:name} ärendet",
            "{agency_id:name} assigned the issue to {user_id:name}",
        ),
    ),
    "CaseworkerUnassigned": (
        line(
            "{agency_id:name} tog bort {user_id:name} som handläggare",
            "{agency_id:name} removed {user_id:name} as caseworker",
        ),
    ),
}

_ACTIONS: Mapping[str, tuple[Line, ...]] = {
    "ActionPlanned": (
        line(
            "{agency_id:name} planerade en åtgärd: {action_type:ActionType}, senast {due_on:day}",
            "{agency_id:name} planned an action: {action_type:ActionType}, by {due_on:day}",
        ),
    ),
    "ActionPerformed": (
        line(
            "En åtgärd genomfördes inte: {action_type:ActionType}",
            "An action was not carried out: {action_type:ActionType}",
            every(lacks("agency_id"), _NOT_DONE),
        ),
        line(
            "En åtgärd genomfördes delvis: {action_type:ActionType}",
            "An action was partly carried out: {action_type:ActionType}",
            every(lacks("agency_id"), _PARTLY),
        ),
        line(
            "En åtgärd genomfördes: {action_type:ActionType}",
            "An action was carried out: {action_type:ActionType}",
            lacks("agency_id"),
        ),
        line(
            "{agency_id:name} genomförde inte en åtgärd: {action_type:ActionType}",
            "{agency_id:name} did not carry out an action: {action_type:ActionType}",
            _NOT_DONE,
        ),
        line(
            "{agency_id:name} genomförde delvis en åtgärd: {action_type:ActionType}",
            "{agency_id:name} partly carried out an action: {action_type:ActionType}",
            _PARTLY,
        ),
        line(
            "{agency_id:name} genomförde en åtgärd tillsammans med {together_with:names}: "
            "{action_type:ActionType}",
            "{agency_id:name} carried out an action together with {together_with:names}: "
            "{action_type:ActionType}",
            has("together_with"),
        ),
        line(
            "{agency_id:name} genomförde en åtgärd: {action_type:ActionType}",
            "{agency_id:name} carried out an action: {action_type:ActionType}",
        ),
    ),
    "ActionCancelled": (
        line(
            "{actor:name} ställde in en åtgärd: {action_type:ActionType}",
            "{actor:name} cancelled an action: {action_type:ActionType}",
            has("action_type"),
        ),
        line("{actor:name} ställde in en åtgärd", "{actor:name} cancelled an action"),
    ),
    "FollowUpScheduled": (
        line(
            "Tiden för uppföljning är inne: {due_at:day}",
            "The time for follow-up has come: {due_at:day}",
            by_system,
        ),
        line(
            "{actor:name} planerade uppföljning till {due_at:day}",
            "{actor:name} scheduled follow-up for {due_at:day}",
        ),
    ),
    "FollowUpRecorded": (
        line(
            "{actor:name} följde upp ärendet: {effect:Effect}",
            "{actor:name} followed up the issue: {effect:Effect}",
        ),
    ),
}

_WRITTEN: Mapping[str, tuple[Line, ...]] = {
    "NoteAdded": (line("{actor:name} skrev en tjänsteanteckning", "{actor:name} wrote a note"),),
    "SecrecyMarked": (
        line("{agency_id:name} satte en sekretessmarkering", "{agency_id:name} set a secrecy mark"),
    ),
    "SecrecyMarkRemoved": (
        line(
            "{agency_id:name} tog bort sin sekretessmarkering",
            "{agency_id:name} removed its secrecy mark",
        ),
    ),
    "CorrectionRecorded": (
        line(
            "{actor:name} rättade en tidigare uppgift",
            "{actor:name} corrected an earlier statement",
        ),
    ),
    "DisputeNoted": (
        line(
            "{actor:name} antecknade en invändning mot en tidigare uppgift",
            "{actor:name} noted a dispute of an earlier statement",
        ),
    ),
}

_LIFE: Mapping[str, tuple[Line, ...]] = {
    "IssueParked": (
        line(
            "{actor:name} parkerade ärendet till {until:time}",
            "{actor:name} parked the issue until {until:time}",
        ),
    ),
    "IssueResumed": (
        line(
            "Parkeringen tog slut och ärendet återupptogs",
            "The pause ended and the issue was resumed",
            by_system,
        ),
        line("{actor:name} återupptog ärendet", "{actor:name} resumed the issue"),
    ),
    "IssueClosed": (
        line(
            "{actor:name} avslutade ärendet: {outcome:CloseOutcome}",
            "{actor:name} closed the issue: {outcome:CloseOutcome}",
        ),
    ),
    "IssueReopened": (line("{actor:name} återöppnade ärendet", "{actor:name} reopened the issue"),),
    "IssuesMerged": (
        line(
            "{actor:name} slog ihop ärende {merged_number:number} med {into_number:number}",
            "{actor:name} merged issue {merged_number:number} into {into_number:number}",
        ),
    ),
    "IssueVoided": (line("{actor:name} makulerade ärendet", "{actor:name} voided the issue"),),
}

LINES: Mapping[str, tuple[Line, ...]] = {**_DESCRIPTION, **_ACTIONS, **_WRITTEN, **_LIFE}
