"""Every stored code except roles and categories: one StrEnum per scale, state or reason list.

A member's value is what is written in events and tables and must never change; what people read
is in ``domain.labels``. New members may be added; a member that events already use is kept.
"""

from enum import StrEnum


class Priority(StrEnum):
    """How soon an issue must be handled; selects the clocks."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class Certainty(StrEnum):
    """How sure the reporter is of what was observed."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNCERTAIN = "uncertain"


class TimePrecision(StrEnum):
    """How exactly the time of an observation is known."""

    EXACT = "exact"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


class EstimatedPeople(StrEnum):
    """Roughly how many people were at the place."""

    NONE = "0"
    FEW = "1-4"
    GROUP = "5-14"
    CROWD = "15+"


class ReportedToPolice(StrEnum):
    """Whether the police already know."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class ReportKind(StrEnum):
    """What sort of inbound information a report is."""

    OBSERVATION = "observation"
    FEEDBACK = "feedback"
    FAULT = "fault"
    POLICE_LOG = "police_log"
    SAFETY_WALK = "safety_walk"
    PHONE = "phone"
    EST = "est"


class ReportChannel(StrEnum):
    """The way a report came in."""

    WEB = "web"
    PHONE = "phone"
    EMAIL = "email"
    CONTACT_CENTER = "contact_center"
    POLICE_LOG = "police_log"
    EST = "est"
    SAFETY_WALK = "safety_walk"
    PARTNER = "partner"
    IMPORT = "import"
    WALK_IN = "walk_in"


class DismissReason(StrEnum):
    """Why a report leads to no issue."""

    DUPLICATE = "duplicate"
    NOT_IN_SCOPE = "not_in_scope"
    EMERGENCY_REDIRECTED = "emergency_redirected"
    TEST = "test"


class ContextFlag(StrEnum):
    """Circumstances around an issue; several may apply."""

    ALCOHOL_INVOLVED = "alcohol_involved"
    DRUGS_INVOLVED = "drugs_involved"
    NEAR_LICENSED_PREMISES = "near_licensed_premises"
    MINORS_INVOLVED = "minors_involved"
    NEAR_SCHOOL = "near_school"
    EVENT_RELATED = "event_related"


class ReferralType(StrEnum):
    """What one agency asks of another; only a transfer can move responsibility."""

    TRANSFER = "transfer"
    ASSIST = "assist"
    CONSULT = "consult"
    INFORM = "inform"


class ReferralStatus(StrEnum):
    """Where a referral stands; escalation is a level beside the status, since it is still open."""

    SENT = "sent"
    INFO_REQUESTED = "info_requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    COMPLETED = "completed"
    RETURNED = "returned"


class DeclineReason(StrEnum):
    """Why an agency declines or returns a referral (rule R5)."""

    NOT_OUR_MANDATE = "not_our_mandate"
    WRONG_AREA = "wrong_area"
    INSUFFICIENT_INFORMATION = "insufficient_information"
    ALREADY_HANDLED = "already_handled"
    NO_CAPACITY_NOW = "no_capacity_now"
    SECRECY_PREVENTS = "secrecy_prevents"
    OTHER_AGENCY_RIGHT = "other_agency_right"
    OTHER = "other"


class IssueStatus(StrEnum):
    """The state of an issue."""

    NEW = "new"
    ACTIVE = "active"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"
    PARKED = "parked"
    MERGED = "merged"
    VOIDED = "voided"


class Implementation(StrEnum):
    """Whether an action was carried out; says nothing about its effect."""

    DONE = "done"
    PARTLY = "partly"
    NOT_DONE = "not_done"


class Effect(StrEnum):
    """What a follow-up found; ``too_early`` does not satisfy the close rule (R11)."""

    RESOLVED = "resolved"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    WORSENED = "worsened"
    TOO_EARLY = "too_early"


class NextStep(StrEnum):
    """What a follow-up leads to."""

    CLOSE = "close"
    CONTINUE = "continue"
    ESCALATE = "escalate"


class Horizon(StrEnum):
    """When the expected effect of a planned action should show."""

    SHORT = "short"
    LONG = "long"


class ActionType(StrEnum):
    """What was planned or done; which kind of agency offers it is in ``domain.action_types``."""

    FOOT_PATROL = "foot_patrol"
    HOTSPOT_PATROL = "hotspot_patrol"
    TARGETED_OPERATION = "targeted_operation"
    TRAFFIC_OPERATION = "traffic_operation"
    LICENCE_CHECK_JOINT = "licence_check_joint"
    DIALOGUE = "dialogue"
    CRIME_REPORT_FILED = "crime_report_filed"
    DISPERSAL = "dispersal"
    LIGHTING_FIX = "lighting_fix"
    VEGETATION_CUT = "vegetation_cut"
    CLEANING = "cleaning"
    GRAFFITI_REMOVAL = "graffiti_removal"
    NEEDLE_COLLECTION = "needle_collection"
    PHYSICAL_CHANGE = "physical_change"
    GUARDS = "guards"
    CCTV_APPLICATION = "cctv_application"
    LICENCE_SUPERVISION = "licence_supervision"
    SAFETY_WALK = "safety_walk"
    CITIZEN_DIALOGUE = "citizen_dialogue"
    ACTIVITY = "activity"
    OWNER_MEETING = "owner_meeting"
    OUTREACH = "outreach"
    YOUTH_PRESENCE = "youth_presence"
    PARENT_INFO = "parent_info"
    NIGHT_WALK_SUPPORT = "night_walk_support"
    SHELTER_GUIDANCE = "shelter_guidance"
    CONCERN_REPORT_MADE = "concern_report_made"
    INFORMATION = "information"
    OTHER = "other"


class CloseOutcome(StrEnum):
    """How an issue ended."""

    RESOLVED = "resolved"
    MOVED_TO_PLAN = "moved_to_plan"
    HANDLED_ELSEWHERE = "handled_elsewhere"
    NO_ACTION_POSSIBLE = "no_action_possible"
    DUPLICATE = "duplicate"


class FeedbackChannel(StrEnum):
    """How the reporter was answered."""

    EMAIL = "email"
    PHONE = "phone"
    LETTER = "letter"
    IN_PERSON = "in_person"
    WEB = "web"


class AgencyKind(StrEnum):
    """What an agency is in law; a partner is not an authority and never receives secret data."""

    AUTHORITY_STATE = "authority_state"
    AUTHORITY_CITY = "authority_city"
    PUBLIC_COMPANY = "public_company"
    PARTNER = "partner"


class ActionGroup(StrEnum):
    """Which sort of agency an action type belongs to; groups the choices in forms."""

    POLICE = "police"
    CITY = "city"
    SOCIAL = "social"
    ANY = "any"


class CategoryGroup(StrEnum):
    """The group of a category; nearby and recurring issues are found by group."""

    THEFT = "theft"
    ROBBERY = "robbery"
    VIOLENCE = "violence"
    SEXUAL = "sexual"
    DAMAGE = "damage"
    DRUGS_ALCOHOL = "drugs_alcohol"
    DISORDER = "disorder"
    TRAFFIC = "traffic"
    SOCIAL = "social"
    OTHER_CRIME = "other_crime"
    PHYSICAL = "physical"
    OTHER = "other"


class SecrecyDomain(StrEnum):
    """Whose secrecy covers an agency's Layer B; nothing crosses between domains by itself."""

    POLICE = "police"
    CITY = "city"
    SOCIAL = "social"
    NONE = "none"


class AccessPattern(StrEnum):
    """What stands out in an access log; a reason to ask, no proof of anything."""

    WITHOUT_REASON = "without_reason"
    NIGHT = "night"
    MANY_ISSUES = "many_issues"
    MANY_READERS = "many_readers"
    NAMES_SOUGHT = "names_sought"


class AccessFinding(StrEnum):
    """What came of looking through an access log; none of them means no remarks."""

    NOT_NEEDED = "not_needed"
    REASON_UNKNOWN = "reason_unknown"
    ACCOUNT_LENT = "account_lent"
    RIGHTS_TOO_WIDE = "rights_too_wide"
    HANDED_ON = "handed_on"


class Badge(StrEnum):
    """Marks derived from an issue's events and the clock; never stored in an event."""

    AWAITING_ANSWER = "awaiting_answer"
    OVERDUE = "overdue"
    PING_PONG = "ping_pong"
    ESCALATED = "escalated"
    SECRECY_MARKED = "secrecy_marked"


UNSAFETY_LOWEST = 1
"""Perceived unsafety is a whole number from 1 (a little) to 4 (very)."""
UNSAFETY_HIGHEST = 4
