"""The invented users that both directory presets share."""

from domain.preset import UserPreset
from domain.values import Role

USERS: tuple[UserPreset, ...] = tuple(
    UserPreset(user_id=user_id, agency_id=agency_id, role=role, display_name=display_name)
    for user_id, agency_id, role, display_name in (
        ("u-con-01", "contact_center", Role.CASEWORKER, "Handläggare Kontaktcenter 1"),
        ("u-dis-01", "district", Role.CASEWORKER, "Handläggare Trygghet 1"),
        ("u-dis-02", "district", Role.CASEWORKER, "Handläggare Trygghet 2"),
        ("u-dis-03", "district", Role.CASEWORKER, "Handläggare Trygghet 3"),
        ("u-reg-01", "district", Role.REGISTRAR, "Registrator Trygghet 1"),
        ("u-man-01", "district", Role.MANAGER, "Enhetschef Trygghet 1"),
        ("u-coo-01", "district", Role.COORDINATOR, "Trygghetssamordnare 1"),
        ("u-aud-01", "district", Role.AUDITOR, "Granskare 1"),
        ("u-adm-01", "district", Role.ADMIN, "Systemförvaltare 1"),
        ("u-soc-01", "social", Role.CASEWORKER, "Handläggare Socialtjänst 1"),
        # A field secretary who also answers requests for help, unlike the police's field officers.
        ("u-soc-02", "social", Role.CASEWORKER, "Fältsekreterare Socialtjänst 2"),
        ("u-soc-03", "social", Role.CASEWORKER, "Handläggare Socialtjänst 3"),
        ("u-man-03", "social", Role.MANAGER, "Enhetschef Socialtjänst 3"),
        ("u-pol-01", "police", Role.CASEWORKER, "Kommunpolis 1"),
        ("u-pol-02", "police", Role.FIELD_OFFICER, "Polis i yttre tjänst 2"),
        ("u-pol-03", "police", Role.FIELD_OFFICER, "Polis i yttre tjänst 3"),
        ("u-pol-04", "police", Role.FIELD_OFFICER, "Polis i yttre tjänst 4"),
        ("u-man-02", "police", Role.MANAGER, "Lokalpolisområdeschef 2"),
        ("u-env-01", "environment", Role.CASEWORKER, "Handläggare Tillstånd 1"),
        ("u-cit-01", "city_env", Role.CASEWORKER, "Handläggare Stadsmiljö 1"),
        ("u-tra-01", "transit", Role.CASEWORKER, "Handläggare Kollektivtrafik 1"),
        ("u-edu-01", "education", Role.CASEWORKER, "Handläggare Skola 1"),
        ("u-res-01", "rescue", Role.CASEWORKER, "Handläggare Räddningstjänst 1"),
        ("u-rep-01", "partner_nordstan", Role.REPORTER, "Rapportör Nordstan 1"),
        ("u-par-01", "partner_nordstan", Role.CASEWORKER, "Fastighetsförvaltare Nordstan 1"),
        ("u-par-02", "partner_guards", Role.CASEWORKER, "Driftledare Vaktbolag 2"),
    )
)
"""Invented users, one agency and one role each."""
