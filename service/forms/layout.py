"""Which fields of a command its form shows, in which order, and which of them are needed when."""

from dataclasses import MISSING, dataclass, fields

from domain.command import Command
from domain.values import Role

NOT_ON_FORMS = frozenset(
    {
        "area_id",
        "est_focus_id",
        "est_week",
        "external_ref",
        "issue_id",
        "items_disclosed",
        "level",
        "not_personal",
        "number",
        "occurred_at",
        "performer_unknown",
        "promise_commitment_id",
        "receiving_agency",
        "referral_id",
        "registering_agency",
        "reporter_ref",
    }
)
"""Fields that the path, the session, programs or later features give, not a person in a form."""

WHAT_HAPPENED = (
    "text",
    "category",
    "occurred_from",
    "occurred_to",
    "time_precision",
    "place",
    "certainty",
    "perceived_unsafety",
    "estimated_people",
    "reported_to_police",
    "context_flags",
    "kind",
    "channel",
)
ORDER: dict[str, tuple[str, ...]] = {
    "AddNote": ("text_sv", "occurred_at"),
    "DeclineReferral": ("reason_code", "reason_sv", "suggested_agency", "earliest_on"),
    "OpenIssue": (
        "public_title",
        "title",
        "category",
        "priority",
        "priority_reason_sv",
        "place",
        "description_sv",
        "context_flags",
        "priority_area",
        "responsible_agency",
    ),
    "PerformAction": (
        "action_id",
        "action_type",
        "performed_from",
        "performed_to",
        "place",
        "result_sv",
        "people",
        "together_with",
        "implementation",
        "implementation_reason_sv",
    ),
    "ReceiveReport": (*WHAT_HAPPENED, "wants_reply", "anonymous"),
    "ReviseReport": (*WHAT_HAPPENED, "reason_sv"),
    "RecordFollowUp": (
        "effect",
        "evidence_sv",
        "before_count",
        "after_count",
        "next_step",
        "next_follow_up_at",
        "agencies_present",
    ),
    "RegisterRecord": (
        "registry_ref",
        "subject_sv",
        "received_or_created_on",
        "sender_or_receiver",
    ),
    "ReopenIssue": ("reason_sv",),
    "ReturnReferral": (
        "reason_code",
        "reason_sv",
        "suggested_agency",
        "earliest_on",
        "done_so_far_sv",
    ),
    "ScheduleFollowUp": ("due_at", "responsible_agency"),
    "SendReferral": (
        "type",
        "to_agency",
        "to_unit",
        "question_sv",
        "wanted_sv",
        "background_sv",
        "respond_by",
    ),
}
"""Commands whose fields are shown in another order than that of the command, or not all."""

FROM_OUTSIDE = frozenset({"certainty", "channel", "context_flags", "kind", "time_precision"})
"""What somebody outside the authorities who reports is not asked (DOMAIN 9.1)."""

NEEDED: dict[str, frozenset[str]] = {
    "DeclineReferral": frozenset({"reason_code", "reason_sv"}),
    "ReturnReferral": frozenset({"reason_code", "reason_sv"}),
    "ScheduleFollowUp": frozenset({"due_at"}),
}
"""Fields that a command may leave out but the people who fill in the form may not."""

DEPENDS: dict[str, frozenset[str]] = {
    "ChangeTitle": frozenset({"public_title", "title"}),
    "DeclineReferral": frozenset({"earliest_on", "suggested_agency"}),
    "PerformAction": frozenset({"action_type", "implementation_reason_sv"}),
    "RecordFollowUp": frozenset({"next_follow_up_at"}),
    "ReturnReferral": frozenset({"earliest_on", "suggested_agency"}),
    "SendReferral": frozenset({"question_sv", "respond_by", "wanted_sv"}),
}
"""Fields that are needed or not by what stands in another one; their hint says when."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The fields of one form; `needed` must be filled in, `optional` need not."""

    shown: tuple[str, ...]
    needed: frozenset[str]
    optional: frozenset[str]


def layout_of(
    command: type[Command],
    role: Role,
    *,
    authority: bool = True,
    leave_out: frozenset[str] = frozenset(),
) -> Layout:
    """The form of a command for somebody of this role, at an authority or at a partner."""
    name = command.__name__
    ours = {field.name: field for field in fields(command)}
    shown = ORDER.get(name) or tuple(each for each in ours if each not in NOT_ON_FORMS)
    if role is Role.REPORTER:
        shown = tuple(each for each in shown if each not in FROM_OUTSIDE)
    if role is not Role.COORDINATOR and name == "OpenIssue":
        shown = tuple(each for each in shown if each != "responsible_agency")
    shown = tuple(each for each in shown if each not in leave_out)
    needed = {
        each
        for each in shown
        if ours[each].default is MISSING and ours[each].default_factory is MISSING
    }
    if authority:
        needed |= NEEDED.get(name, frozenset()) & set(shown)
    optional = set(shown) - needed - DEPENDS.get(name, frozenset())
    return Layout(shown=shown, needed=frozenset(needed), optional=frozenset(optional))


def begun(command: type[Command], shown: tuple[str, ...]) -> dict[str, list[str]]:
    """What an untouched form holds: the command's own defaults that are codes."""
    return {
        field.name: [str(field.default)]
        for field in fields(command)
        if field.name in shown and isinstance(field.default, str)
    }
