"""Load the sample: the April tenants, DigitalOcean's invoice, and what April came to (SPEC 18)."""

from __future__ import annotations

from collections.abc import Sequence

from arcadia_app.use_cases.billing.create_deployment import SlugTaken
from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from arcadia_app.use_cases.cloud.ingest_invoice import ingest_invoice
from arcadia_app.use_cases.cloud.same_account import must_be_bound
from arcadia_app.use_cases.sample.april import (
    APRIL,
    CORNER_SHOP,
    MAY_FIRST,
    PILOT,
    PILOTS_DROPLETS,
    begin_april,
)
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Transactions


def load_sample(
    transactions: Transactions,
    by: Principal,
    *,
    account: str,
    identity: str,
    droplets: Sequence[CloudResource],
    lines: Sequence[CostLine],
) -> bool:
    """Whether there was anything to load: what is there stays as it is, whatever became of it since.

    The store is bound to the sample's account: no sync of another one tombstones what was loaded. Only the
    sample's tenants are invoiced. May be killed and run again, and twice at once.
    Raises OperatorsOnly, UnknownPlan, AccountMismatch.
    """
    by.must_be_operator("load the sample")
    new = _subscribe_and_ingest(
        transactions, by, account=account, identity=identity, droplets=droplets, lines=lines
    )
    for tenant in (PILOT, CORNER_SHOP):
        roll_up_period(transactions, by, period=APRIL, now=MAY_FIRST, tenant_id=tenant.tenant_id)
    return new


def _subscribe_and_ingest(
    transactions: Transactions,
    by: Principal,
    *,
    account: str,
    identity: str,
    droplets: Sequence[CloudResource],
    lines: Sequence[CostLine],
) -> bool:
    """All of it, or nothing where the first tenant is there already."""
    its_own, the_rest = droplets[:PILOTS_DROPLETS], droplets[PILOTS_DROPLETS:]
    try:
        with transactions.begin(by) as work:
            must_be_bound(work, account, identity, MAY_FIRST)
            begin_april(work, by, PILOT, account=account, droplets=its_own)
            begin_april(work, by, CORNER_SHOP, account=account, droplets=the_rest)
            ingest_invoice(work, by, lines=lines, period=APRIL, account=account, now=MAY_FIRST)
    except SlugTaken:
        return False
    return True
