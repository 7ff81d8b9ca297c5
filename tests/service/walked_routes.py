"""What each route and each command of the command line gives out of an issue, for the walk.

A route that is in none of these lists fails the walk: whoever adds one says here what it shows.
"""

from typing import Final

from service.api.routes import PATH
from service.commands import COMMANDS

SHOW_IT: Final = {
    *("GET /issues", "GET /issues/{issue_id:uuid}", "GET /issues/{issue_id:uuid}/then"),
    *("GET /issues/{issue_id:uuid}/evidence", "GET /issues/{issue_id:uuid}/do/{name:str}"),
    "GET /issues/{issue_id:uuid}/referrals/{referral_id:uuid}/do/{name:str}",
    *("GET /queue", "GET /trail", "GET /trail/file/{form:str}"),
    *("GET /figures/{name:str}", "GET /figures/{name:str}/file/{form:str}"),
    *("GET /inbox", "GET /reports", "GET /reports/{report_id:uuid}"),
    *("GET /reports/{report_id:uuid}/do/{name:str}", "GET /log-action", "GET /log-action/shift"),
    *("GET /log-action/today", "GET /issues/new", "GET /api/v1/issues"),
    *("GET /api/v1/issues/{issue_id:uuid}", "GET /api/v1/issue-numbers/{number:str}"),
    *("GET /api/v1/issues/{issue_id:uuid}/story", "GET /api/v1/issues/{issue_id:uuid}/as-of"),
    *("GET /api/v1/audit-trail", "GET /api/v1/agencies/{agency_id:str}/queue"),
    *("GET /api/v1/agencies/{agency_id:str}/inbox", "GET /api/v1/reports/{report_id:uuid}"),
    "GET /api/v1/figures/follow-up/{figure_id:str}",
    *("POST /issues/{issue_id:uuid}/do/{name:str}", "POST /log-action", "POST /log-action/shift"),
    "POST /issues/{issue_id:uuid}/referrals/{referral_id:uuid}/do/{name:str}",
    *("POST /queue/assign", "POST /reports/{report_id:uuid}/link"),
}
"""These show the issue that the walk has hidden, and each answer that does has its row."""

ALL_LOGGED: Final = {
    *("GET /", "GET /focus", "GET /figures", "GET /figures/file/{form:str}"),
    "GET /figures/responsibility/{listed:str}",
    "GET /figures/responsibility/{listed:str}/file/{form:str}",
    *("GET /api/v1/figures/follow-up", "GET /api/v1/figures/handovers"),
    *("GET /api/v1/figures/responsibility", "GET /api/v1/issues/{issue_id:uuid}/queues"),
    "GET /api/v1/issues/{issue_id:uuid}/reports",
    "GET /issues/{issue_id:uuid}/proofs/{position:int}",
    *("GET /issues/{issue_id:uuid}/readings", "GET /access-review"),
}
"""These tell of issues, if not with the words that the walk looks for: each answer has its row."""

_RECORDED: Final = "what was recorded: ids and times, or why it was not"
_SEALED: Final = "the sealed log: times, ids and commitments"
_FORM: Final = "an answer to one's own form"
_COUNTS: Final = "hints and counts"
_PROGRAM: Final = "the program's own, the same for all"
_DIRECTORY: Final = "the directory"

SHOW_NONE: Final = {
    **{f"POST {PATH}{row.path}": _RECORDED for row in COMMANDS.values()},
    "GET /receipts/{position:int}": "a commitment, the place and the time of one's own event",
    "GET /audit/events/{event_id:uuid}/proof": _SEALED,
    **{
        f"{method} /audit/{part}{what}": _SEALED
        for part in (
            *("", "issues/{part:str}/", "access/{agency_id:str}/"),
            "access/{agency_id:str}/{part:str}/",
        )
        for method, what in (
            *(("GET", "checkpoint"), ("GET", "tile/{name:path}"), ("GET", "consistency")),
            *(("GET", "policy"), ("POST", "cosignatures")),
        )
    },
    "GET /trail/health": "how far the log is sealed and witnessed; types and times of what is lost",
    "GET /live": _COUNTS,
    **{f"GET /live/{what}": _COUNTS for what in ("menu", "queue", "inbox", "issues", "day")},
    "GET /live/issues/{issue_id:uuid}": _COUNTS,
    "GET /live/issues/{issue_id:uuid}/present": "who else has the page open",
    "GET /api/v1/agencies/{agency_id:str}/queue-counters": _COUNTS,
    "GET /api/v1/position": _COUNTS,
    **{f"GET /api/v1/{what}": _PROGRAM for what in ("codes", "categories", "openapi.json")},
    "GET /api/v1/me": "who asks",
    **{f"GET /api/v1/directory/{what}": _DIRECTORY for what in ("agencies", "areas", "places")},
    **{f"GET {path}": _PROGRAM for path in ("/health", "/ready", "/sign-in", "/accessibility")},
    **{f"GET {path}": _PROGRAM for path in ("/service-worker.js", "/manifest.webmanifest")},
    "GET /static/{digest:str}/{name:str}": _PROGRAM,
    **{f"GET /log-action/{what}": _PROGRAM for what in ("offline", "unsent")},
    "GET /reports/new": "an empty form",
    "GET /accessibility/faults": "faults that were told of",
    **{
        f"POST {path}": _FORM
        for path in (
            *("/sign-in", "/sign-in/demo", "/sign-out", "/language", "/display", "/printed"),
            *("/views", "/views/{view_id:uuid}/drop", "/drafts", "/drafts/drop", "/issues/new"),
            *("/reports/new", "/log-action/unsent", "/accessibility/faults", "/access-review"),
            *("/reports/{report_id:uuid}/do/{name:str}", "/issues/{issue_id:uuid}/undo"),
            "/queue/assign/undo",
        )
    },
}
"""These show nothing of an issue, and what they show instead."""

ONLY_REFUSED: Final = {
    f"GET /audit/access/{{agency_id:str}}/{part}{what}"
    for part in ("", "{part:str}/")
    for what in ("checkpoint", "tile/{name:path}", "consistency", "policy")
}
"""Whoever asks here may only be refused in the walk: the trees over access logs are not sealed yet.

Every other address that is read answers well at least once.
"""

TAKEN_OUT: Final = {"export ocel", "audit states"}
"""Commands of the command line whose files tell of issues: a row in each agency's access log."""

NOTHING_TAKEN_OUT: Final = {
    "serve": None,  # answers requests: their routes are walked
    "worker": None,
    "witness pull": None,  # these have the witness's file, and no database
    "witness serve": None,
    "witness export": None,
    "witness key": None,
    "demo": None,  # these take in what they are given
    "play": None,
    "import police-events": None,
    "import event-log": None,
    "user add": None,  # of users alone, and asks for a password
    "user password": None,
    "token add": None,
    "token revoke": None,
    "access-log dispose": ("district",),
    "access-log key": (),
    "migrate": (),
    "user list": (),
    "token list": (),
    "rebuild": ("visibility",),
    "figures handovers": ("--all", "--json"),
    "figures follow-up": ("--json",),
    "audit key": (),
    "audit policy": (),
    "verify": ("--json",),
    "restore-check": ("--json",),  # without a policy it only says so
    "doctor": (),
}
"""Commands that give out nothing of an issue, with what to give them; None: they are not run."""
