"""What a visitor can choose from in the filters and forms of lists."""

from service.forms.choices import Choices
from service.language import Language
from service.pages.frame import Frame
from service.visitors import Visitor


def own_choices(frame: Frame, visitor: Visitor, language: Language) -> Choices:
    """The directory's, with the names of the colleagues at the own agency."""
    agencies = visitor.agencies
    own = visitor.actor.agency_id
    colleagues = [each.user_id for each in agencies.grants.values() if each.agency_id == own]
    return Choices(
        agencies=agencies,
        own_agency=own,
        language=language,
        now=frame.samsyn.clock(),
        users=frame.visitors.names(colleagues),
    )
