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
    "tick_not_found": "'arcadia schedule' lists the ticks with their names",
}

STOPPED: Final = (
    "Mend what went wrong, then 'arcadia jobs retry ID' begins one again; 'arcadia jobs discard ID' lets it "
    "never be done; 'arcadia jobs show ID' tells its tries."
)
NO_SCHEDULE: Final = "No scheduler has run yet: 'arcadia serve' has one, and 'arcadia scheduler' is one."
NO_SCHEDULER: Final = "If they stay, no scheduler runs: 'arcadia serve' has one, 'arcadia scheduler' is one."

SPACES_NOT_ASKED: Final = f"set {SPACES_KEY} and {SPACES_SECRET} for them to be seen"
