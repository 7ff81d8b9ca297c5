"""Every event class of the domain, by topic: importing this module registers them all."""

from domain import (
    access_disposal,
    access_review,
    action,
    answer,
    classification,
    directory,
    escalation,
    follow_up,
    lifecycle,
    notes,
    opening,
    referral,
    report,
    responsibility,
)
from domain.envelope import EVENTS

MODULES = (
    report,
    opening,
    classification,
    referral,
    answer,
    responsibility,
    escalation,
    action,
    follow_up,
    notes,
    lifecycle,
    directory,
    access_review,
    access_disposal,
)
"""The modules in the order in which documents list their events."""

__all__ = ["EVENTS", "MODULES"]
