"""What the cloud and provisioning rooms ask of the provider: to look, to be told what it charges, to act.

Every call may raise a ProviderError (arcadia_domain.cloud.provider_errors). None is made inside an open
transaction. Reading, replacing and deleting are tried again by themselves, within bounds; what makes or
starts something is sent once, and who sends it again looks for the first attempt's result before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from arcadia_domain.cloud.actions import Action
from arcadia_domain.cloud.listing import Listing, SeenResource
from arcadia_domain.cloud.orders import (
    Accepted,
    DropletOrder,
    FirewallOrder,
    ProjectMember,
    ProjectOrder,
    RecordOrder,
    VolumeOrder,
)
from arcadia_domain.cloud.statements import (
    Balance,
    BillingEntry,
    InvoiceItem,
    InvoiceSummary,
    StatedInvoices,
)


class CallBudget(Protocol):
    """How many calls the provider still takes: what we count, and what it says is left of the hour."""

    @property
    def per_minute(self) -> int: ...
    @property
    def minute_left(self) -> int: ...
    @property
    def per_hour(self) -> int: ...
    @property
    def hour_left(self) -> int: ...
    @property
    def waited(self) -> float:
        """Seconds that calls have waited for their turn, in all."""
        ...


Take = Callable[[Sequence[SeenResource]], object]
"""Is handed what a page showed as soon as it was read; no resource twice in one listing."""


class CloudAccount(Protocol):
    """Whose everything is that the provider tells us."""

    def account_identity(self) -> str:
        """What the provider calls the account that our token is of: its team's UUID, else its user's."""
        ...


class CloudInventory(CloudAccount, Protocol):
    """What runs at the provider."""

    def list_resources(self, kind: str, take: Take) -> Sequence[Listing]:
        """Hand every resource of a kind to `take`, page by page, and say of each scope whether it was whole.

        One verdict for most kinds; one a region for Spaces. A listing that fails half way says so in its
        verdict. Raises UnknownInventoryKind; ProviderUnauthorized, because then no listing works.
        """
        ...

    def look_up(self, kind: str, provider_id: str) -> SeenResource | None:
        """One resource as it is now; None where the provider has none of that id."""
        ...

    def list_members(self, project_id: str, take: Callable[[Sequence[ProjectMember]], object]) -> Listing:
        """Hand everything that is in a project to `take`; the verdict is on the kind `project`."""
        ...

    def recent_actions(self, since: datetime) -> Sequence[Action]:
        """The actions begun at `since` or later, and those met on the way that still run; newest first."""
        ...


class CloudBilling(CloudAccount, Protocol):
    """What the provider charges. Each list is whole, or ProviderListingIncomplete is raised."""

    def balance(self) -> Balance: ...

    def billing_history(self) -> Sequence[BillingEntry]: ...

    def invoices(self) -> StatedInvoices: ...

    def invoice_items(self, invoice_uuid: str) -> Sequence[InvoiceItem]:
        """The items of an invoice, or of the running month for `preview`, in the provider's order."""
        ...

    def invoice_summary(self, invoice_uuid: str) -> InvoiceSummary: ...

    def invoice_csv(self, invoice_uuid: str) -> bytes:
        """The invoice as the provider's CSV, untouched."""
        ...


class CloudActions(Protocol):
    """Making, changing and removing. Removing what is gone already is success.

    The calls that find something raise ProviderListingIncomplete where the provider's list was not whole:
    only then does an empty answer say that there is none.
    """

    def action(self, action_id: str) -> Action: ...

    def create_droplet(self, order: DropletOrder) -> Accepted: ...

    def find_droplets(self, *, tag: str) -> Sequence[SeenResource]: ...

    def delete_droplet(self, droplet_id: str) -> None: ...

    def power_on(self, droplet_id: str) -> Action: ...

    def power_off(self, droplet_id: str) -> Action: ...

    def shut_down(self, droplet_id: str) -> Action:
        """Ask the machine to stop. It may not: wait, then power_off."""
        ...

    def resize_droplet(self, droplet_id: str, *, size: str, disk: bool) -> Action:
        """The droplet must be off. With `disk` there is no way back to a smaller one."""
        ...

    def rename_droplet(self, droplet_id: str, name: str) -> Action: ...

    def enable_backups(self, droplet_id: str) -> Action: ...

    def disable_backups(self, droplet_id: str) -> Action: ...

    def enable_ipv6(self, droplet_id: str) -> Action:
        """This cannot be undone."""
        ...

    def create_volume(self, order: VolumeOrder) -> SeenResource: ...

    def find_volumes(self, *, name: str, region: str) -> Sequence[SeenResource]: ...

    def delete_volume(self, volume_id: str) -> None:
        """It must be detached."""
        ...

    def attach_volume(self, volume_id: str, *, droplet_id: str, region: str) -> Action: ...

    def detach_volume(self, volume_id: str, *, droplet_id: str, region: str) -> Action: ...

    def resize_volume(self, volume_id: str, *, size_gigabytes: int, region: str) -> Action:
        """A volume only grows."""
        ...

    def create_firewall(self, order: FirewallOrder) -> SeenResource: ...

    def find_firewalls(self, *, name: str) -> Sequence[SeenResource]: ...

    def replace_firewall(self, firewall_id: str, order: FirewallOrder) -> SeenResource:
        """Make the firewall be exactly what the order says."""
        ...

    def delete_firewall(self, firewall_id: str) -> None: ...

    def reserve_ip(self, *, droplet_id: str) -> Accepted:
        """A new address for a droplet."""
        ...

    def find_reserved_ips(self, *, droplet_id: str) -> Sequence[SeenResource]: ...

    def assign_ip(self, ip: str, *, droplet_id: str) -> Action: ...

    def unassign_ip(self, ip: str) -> Action: ...

    def release_ip(self, ip: str) -> None: ...

    def create_record(self, domain: str, order: RecordOrder) -> SeenResource: ...

    def find_records(self, domain: str, *, type: str, name: str, data: str) -> Sequence[SeenResource]: ...

    def replace_record(self, record_id: str, order: RecordOrder) -> SeenResource: ...

    def delete_record(self, record_id: str) -> None: ...

    def create_project(self, order: ProjectOrder) -> SeenResource: ...

    def find_projects(self, *, name: str) -> Sequence[SeenResource]: ...

    def put_in_project(self, project_id: str, resources: Sequence[tuple[str, str]]) -> None:
        """Move resources, each by kind and provider id, into a project."""
        ...

    def delete_project(self, project_id: str) -> None:
        """Raises ProviderConflict while something is in it."""
        ...

    def create_tag(self, tag: str) -> None: ...

    def tag_resources(self, tag: str, resources: Sequence[tuple[str, str]]) -> None:
        """Tag droplets, volumes, images, databases or snapshots of volumes, each by kind and provider id."""
        ...

    def untag_resources(self, tag: str, resources: Sequence[tuple[str, str]]) -> None: ...

    def delete_tag(self, tag: str) -> None: ...


class CloudProvider(CloudInventory, CloudBilling, CloudActions, Protocol):
    """The provider as a whole. An act asks for the part that it needs."""
