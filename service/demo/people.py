"""Who acts in the demo: the invented users of each agency, by what their role may do."""

from collections.abc import Mapping, Sequence

CASEWORKERS: Mapping[str, Sequence[str]] = {
    "contact_center": ("u-con-01",),
    "district": ("u-dis-01", "u-dis-02", "u-dis-03"),
    "social": ("u-soc-01", "u-soc-02", "u-soc-03"),
    "police": ("u-pol-01",),
    "environment": ("u-env-01",),
    "city_env": ("u-cit-01",),
    "transit": ("u-tra-01",),
    "education": ("u-edu-01",),
    "rescue": ("u-res-01",),
    "partner_nordstan": ("u-par-01",),
    "partner_guards": ("u-par-02",),
}
"""Who decides and answers at each agency."""

OUT: Mapping[str, Sequence[str]] = {
    "police": ("u-pol-02", "u-pol-03", "u-pol-04"),
    "social": ("u-soc-02",),
}
"""Who goes out at night; at other agencies those who decide do."""

COORDINATOR = "u-coo-01"
REGISTRAR = "u-reg-01"
REPORTER = "u-rep-01"

MAY_TAKE_OVER = ("police", "district", "social", "environment", "city_env")
"""The agencies to which the demo hands issues over."""

USUAL_ACTIONS: Mapping[str, Sequence[str]] = {
    "police": ("foot_patrol", "hotspot_patrol", "dialogue"),
    "social": ("outreach", "youth_presence"),
    "district": ("owner_meeting", "guards", "citizen_dialogue", "activity"),
    "city_env": ("cleaning", "physical_change", "vegetation_cut"),
    "environment": ("licence_supervision",),
    "transit": ("information",),
    "education": ("dialogue", "information"),
    "rescue": ("information",),
}
"""What an agency does when an issue does not tell."""
