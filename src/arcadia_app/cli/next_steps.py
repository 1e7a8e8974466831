"""What to do next, by the code of a refusal, where the refusal does not say it."""

from __future__ import annotations

from typing import Final

from arcadia_app.settings import DO_TOKEN, DO_URL, SPACES_KEY, SPACES_SECRET

READ_SCOPES: Final = (
    *("account", "actions", "app", "billing", "block_storage", "cdn", "certificate", "database", "domain"),
    *("droplet", "firewall", "function", "image", "kubernetes", "load_balancer", "project", "registry"),
    *("reserved_ip", "snapshot", "vpc"),
)
"""What the token reads, as DigitalOcean names it in the scopes of a token: each with :read."""

NEXT: Final = {
    "unknown_plan": "'arcadia seed' makes the plans that come with it",
    "unknown_addon": "'arcadia seed' makes the addons that come with it",
    "database_without_schema": "'arcadia migrate' makes the tables",
    "no_tax_rate": "'arcadia seed' makes the GST rate",
    "invoice_of_other_period": "name the month that the invoice is for with --period",
    "cloud_not_connected": f"a token for {DO_TOKEN} is made at DigitalOcean, under API > Tokens",
    "provider_unauthorized": f"put a token of this account in {DO_TOKEN} that is neither revoked nor expired",
    "provider_forbidden": f"the token in {DO_TOKEN} needs these scopes, each :read: {', '.join(READ_SCOPES)}",
    "provider_rate_limited": "run the command again then; what was done before it is kept",
    "provider_unreachable": f"is that address right? {DO_URL} names it; unset, it is DigitalOcean's own",
    "spaces_key_refused": f"put a key of Spaces of this account in {SPACES_KEY} and {SPACES_SECRET}",
    "database_not_ours": "docs/operations.md has the words for pg_dump and pg_restore",
    "resource_not_found": "'arcadia inventory --ids' lists the resources with their ids",
    "deployment_not_found": "'arcadia deployments' lists the deployments with their ids",
    "job_not_found": "'arcadia jobs list' lists the jobs with their ids",
    "job_not_stopped": "'arcadia jobs show ID' says how it stands; what is over can be asked for anew",
    "job_under_way": "'arcadia jobs show ID' says how it stands; one that runs may stop yet",
    "shards_to_be_done": "'arcadia jobs list' lists the shards' jobs with their ids",
    "tick_not_found": "'arcadia schedule' lists the ticks with their names",
    "nothing_to_back_up": "ARCADIA_DATA_DIR names the directory; 'arcadia serve' makes a database there",
    "file_taken": "name a file that is not there yet",
    "backup_failed": "see that the disk has room, then run it again; nothing of it was kept",
    "backup_unusable": (
        "name a file that 'arcadia backup' or pg_dump --format=custom made, of this version or an older one"
    ),
    "run_not_found": "'arcadia rollup YYYY-MM' makes it; the schedule does on the first of the next month",
    "unknown_broker": "set ARCADIA_BROKER_URL to one of these, or unset it: the database is the broker then",
}

STOPPED: Final = (
    "Mend what went wrong, then 'arcadia jobs retry ID' begins one again; 'arcadia jobs discard ID' lets it "
    "never be done; 'arcadia jobs show ID' tells its tries."
)
MORE_JOBS: Final = "There are more: --limit shows up to 1000."
NO_SCHEDULE: Final = "No scheduler has run yet: 'arcadia serve' has one, and 'arcadia scheduler' is one."
NO_SCHEDULER: Final = "If they stay, no scheduler runs: 'arcadia serve' has one, 'arcadia scheduler' is one."

SPACES_NOT_ASKED: Final = f"set {SPACES_KEY} and {SPACES_SECRET} for them to be seen"
