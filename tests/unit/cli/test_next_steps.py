"""What to do next after a refusal: for codes that there are, in scopes that DigitalOcean has."""

from __future__ import annotations

import pytest

from arcadia_adapters.brokers import UnknownBroker
from arcadia_adapters.digitalocean.client.kinds import LISTS
from arcadia_app.bootstrap.backups import BackupFailed, BackupUnusable, FileTaken, NothingToBackUp
from arcadia_app.cli.next_steps import NEXT, READ_SCOPES
from arcadia_app.use_cases.billing.read_runs import RunNotFound
from arcadia_app.use_cases.platform.pause_tick import TickNotFound
from arcadia_app.use_cases.platform.read_jobs import JobNotFound
from arcadia_app.use_cases.platform.settle_job import JobNotStopped, JobUnderWay, ShardsToBeDone
from arcadia_domain.cloud import provider_errors
from arcadia_domain.errors import DomainError
from tests.clouds.document import needs_document, operation

ASKED = (
    *{part.path for parts in LISTS.values() for part in parts},
    *("/v2/account", "/v2/actions", "/v2/projects/{}/resources", "/v2/domains/{}/records"),
    *("/v2/customers/my/balance", "/v2/customers/my/billing_history", "/v2/customers/my/invoices/{}"),
)


@pytest.mark.parametrize(
    "error",
    [
        provider_errors.ProviderUnauthorized,
        provider_errors.ProviderForbidden,
        provider_errors.ProviderRateLimited,
        provider_errors.ProviderUnreachable,
        provider_errors.SpacesKeyRefused,
        JobNotFound,
        JobNotStopped,
        JobUnderWay,
        ShardsToBeDone,
        TickNotFound,
        NothingToBackUp,
        FileTaken,
        BackupFailed,
        BackupUnusable,
        RunNotFound,
        UnknownBroker,
    ],
)
def test_what_an_operator_can_mend_has_a_next_step(error: type[DomainError]) -> None:
    assert error.code in NEXT


@needs_document
def test_the_scopes_are_those_of_what_is_read() -> None:
    needed = set()
    for path in ASKED:
        [security] = operation("GET", path)["security"]
        needed |= {
            scope.removesuffix(":read") for scope in security["bearer_auth"] if scope.endswith(":read")
        }
    assert needed - {"api"} == set(READ_SCOPES)
