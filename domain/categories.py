"""Every category of reports and issues, by code; nobody is asked for a crime statistics code."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.categories_of_crime import CRIME
from domain.categories_of_place import PLACE
from domain.category import Category
from domain.codes import CategoryGroup

__all__ = ["CATEGORIES", "OTHER", "Category", "categories_in"]

_GROUPS = tuple(CategoryGroup)

CATEGORIES: Mapping[str, Category] = MappingProxyType(
    {
        each.code: each
        for each in sorted((*CRIME, *PLACE), key=lambda each: _GROUPS.index(each.group))
    }
)
"""Every category by its code, in the order of forms: by group."""

OTHER = CATEGORIES["other"]
"""The category of what fits nowhere else."""


def categories_in(group: CategoryGroup) -> tuple[Category, ...]:
    """Return a group's categories in the order of forms."""
    return tuple(each for each in CATEGORIES.values() if each.group is group)
