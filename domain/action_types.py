"""Which action types a form offers an agency, by the agency's secrecy domain.

An offer, not a rule: the log accepts any action type, because agencies act together.
"""

from collections.abc import Mapping
from types import MappingProxyType

from domain.codes import ActionGroup, ActionType, SecrecyDomain

ACTION_TYPES_OF: Mapping[ActionGroup, tuple[ActionType, ...]] = MappingProxyType(
    {
        ActionGroup.POLICE: (
            ActionType.FOOT_PATROL,
            ActionType.HOTSPOT_PATROL,
            ActionType.TARGETED_OPERATION,
            ActionType.TRAFFIC_OPERATION,
            ActionType.LICENCE_CHECK_JOINT,
            ActionType.DIALOGUE,
            ActionType.CRIME_REPORT_FILED,
            ActionType.DISPERSAL,
        ),
        ActionGroup.CITY: (
            ActionType.LIGHTING_FIX,
            ActionType.VEGETATION_CUT,
            ActionType.CLEANING,
            ActionType.GRAFFITI_REMOVAL,
            ActionType.NEEDLE_COLLECTION,
            ActionType.PHYSICAL_CHANGE,
            ActionType.GUARDS,
            ActionType.CCTV_APPLICATION,
            ActionType.LICENCE_SUPERVISION,
            ActionType.SAFETY_WALK,
            ActionType.CITIZEN_DIALOGUE,
            ActionType.ACTIVITY,
            ActionType.OWNER_MEETING,
        ),
        ActionGroup.SOCIAL: (
            ActionType.OUTREACH,
            ActionType.YOUTH_PRESENCE,
            ActionType.PARENT_INFO,
            ActionType.NIGHT_WALK_SUPPORT,
            ActionType.SHELTER_GUIDANCE,
            ActionType.CONCERN_REPORT_MADE,
        ),
        ActionGroup.ANY: (ActionType.INFORMATION, ActionType.OTHER),
    }
)
"""Every action type once, in the group it belongs to."""

# A joint licence check is logged by the police and by the licensing authority; a concern report
# must be made at once by every authority that learns of a child at risk (SoL 19:1).
_ALSO: Mapping[SecrecyDomain, tuple[ActionType, ...]] = {
    SecrecyDomain.POLICE: (ActionType.CONCERN_REPORT_MADE, ActionType.SAFETY_WALK),
    SecrecyDomain.CITY: (
        ActionType.LICENCE_CHECK_JOINT,
        ActionType.DIALOGUE,
        ActionType.CONCERN_REPORT_MADE,
    ),
    SecrecyDomain.SOCIAL: (ActionType.DIALOGUE, ActionType.SAFETY_WALK, ActionType.ACTIVITY),
}

# What owners, guards and associations do themselves.
_BY_PARTNERS = (
    ActionType.LIGHTING_FIX,
    ActionType.VEGETATION_CUT,
    ActionType.CLEANING,
    ActionType.GRAFFITI_REMOVAL,
    ActionType.PHYSICAL_CHANGE,
    ActionType.GUARDS,
    ActionType.ACTIVITY,
    ActionType.OWNER_MEETING,
)


def group_of(action_type: ActionType) -> ActionGroup:
    """Return the group an action type belongs to."""
    return next(group for group, members in ACTION_TYPES_OF.items() if action_type in members)


def offered_to(domain: SecrecyDomain) -> tuple[ActionType, ...]:
    """Return the action types to offer first an agency of this domain, in the order of a form."""
    if domain is SecrecyDomain.NONE:
        own: tuple[ActionType, ...] = _BY_PARTNERS
    else:
        own = (*ACTION_TYPES_OF[ActionGroup(domain.value)], *_ALSO[domain])
    return (*own, *ACTION_TYPES_OF[ActionGroup.ANY])
