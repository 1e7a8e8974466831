"""Syncs in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from arcadia_domain.cloud.changes import EventKind, ResourceEvent, changes
from arcadia_domain.cloud.gaps import Gap, ended_by, ending, gap_before
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.looks import (
    Grave,
    Look,
    Looked,
    MissingResource,
    as_seen,
    differs,
    newcomer,
    rates_found,
)
from arcadia_domain.cloud.syncing import DEAD_AFTER, LOOK_BACK, NEVER_ENDED, Synced
from arcadia_domain.cloud.tagged import Held, Naming, assignment_by_tag, holder, namings_of, objection
from arcadia_domain.identity import Principal
from arcadia_domain.ports.cloud import AssignedBy
from arcadia_domain.ports.syncs import Member
from tests.fakes.inventory import FakeInventory, logged
from tests.fakes.state import Sighting, State, must_be_operator


class FakeSyncs:
    def __init__(self, state: State, inventory: FakeInventory, principal: Principal) -> None:
        self._state = state
        self._inventory = inventory
        self._principal = principal

    def begin(self, synced: Synced) -> None:
        must_be_operator(self._principal)
        for one in list(self._state.syncs.values()):
            same = (one.account, one.speed) == (synced.account, synced.speed)
            if same and one.finished_at is None and one.started_at < synced.started_at - DEAD_AFTER:
                self._state.syncs[one.sync_id] = replace(
                    one, finished_at=synced.started_at, complete=False, warnings=(*one.warnings, NEVER_ENDED)
                )
        self._state.syncs[synced.sync_id] = synced

    def look(self, look: Look, seen: Sequence[SeenResource], new_id: Callable[[], UUID]) -> Looked:
        must_be_operator(self._principal)
        namings = namings_of(seen)
        tenants = {one.id: one.tenant_id for one in self._state.deployments.values()}
        looked = [self._take(look, one, namings.get(one.provider_id), tenants, new_id) for one in seen]
        ended = (sentence for one in looked for sentence in one.warnings)
        said = (
            objection(one, namings[one.provider_id], tenants) for one in seen if one.provider_id in namings
        )
        return Looked(
            found=sum((Counter(one.found) for one in looked), Counter[tuple[EventKind, str | None]]()),
            assigned=sum(one.assigned for one in looked),
            warnings=(*ended, *(sentence for sentence in said if sentence is not None)),
        )

    def _take(
        self,
        look: Look,
        seen: SeenResource,
        naming: Naming | None,
        tenants: Mapping[UUID, str],
        new_id: Callable[[], UUID],
    ) -> Looked:
        """What was found out of one resource."""
        known = self._known(look, seen.provider_id)
        if known is not None and self._newest(known) > look.at:
            return Looked()
        gap = None if known is None else gap_before(seen, known, look.at)
        now = newcomer(look, seen, new_id()) if known is None else as_seen(look, seen, known)
        self._state.resources[now.id] = now
        self._state.sightings[now.id] = Sighting(look.sync_id)
        if known is None or differs(seen, known):
            self._meter(look, known, now, gap)
        events = changes([] if known is None else [known], [now])
        for event in events:
            self._log(event, look.at)
        warnings = (
            () if known is None or gap is None else self._end(look, known, gap, holder(naming, tenants))
        )
        began = look.at if gap is None else gap.end
        made = assignment_by_tag(
            now.id,
            naming,
            self._held(now),
            tenants,
            from_at=began if known is not None else now.created_at or look.at,
        )
        if made is not None:
            self._inventory.assign(made, AssignedBy.TAG, look.actor)
        return Looked(
            found=Counter((event.kind, now.region) for event in events),
            assigned=int(made is not None),
            warnings=warnings,
        )

    def _end(self, look: Look, known: CloudResource, gap: Gap, tagged_for: UUID | None) -> tuple[str, ...]:
        """End what was assigned before a gap, where it does not go on; a sentence where it was ended."""
        for latest in self._inventory.assignments_of(known.id)[:1]:
            by_tag = latest.by is AssignedBy.TAG
            ended = ended_by(gap, latest.assignment, by_tag=by_tag, tagged_for=tagged_for)
            if ended is not None:
                self._inventory.assign(ended, AssignedBy.TAG, look.actor)
                return (ending(known, gap),)
        return ()

    def looked_since(self, account: str, kinds: Collection[str]) -> datetime | None:
        alive = (one for one in self._inventory.of_account(account) if one.deleted_at is None)
        looks = [one.last_seen for one in alive if one.kind in kinds]
        return max(min(looks), max(looks) - LOOK_BACK) if looks else None

    def ahead(
        self, account: str, kinds: Collection[str], at: datetime
    ) -> Mapping[tuple[str, str | None], int]:
        there = self._inventory.of_account(account)
        return Counter((one.kind, one.region) for one in there if one.kind in kinds and one.last_seen > at)

    def regions(self, account: str, kind: str) -> Collection[str]:
        alive = (one for one in self._inventory.of_account(account) if one.deleted_at is None)
        return {one.region for one in alive if one.kind == kind and one.region is not None}

    def missing(self, look: Look, *, region: str | None, since: datetime) -> Sequence[MissingResource]:
        must_be_operator(self._principal)
        found = []
        for one in self._inventory.of_account(look.account):
            sighting = self._state.sightings.get(one.id, Sighting())
            in_scope = one.kind == look.kind and region in (None, one.region) and one.deleted_at is None
            if in_scope and one.last_seen <= since and sighting.sync_id != look.sync_id:
                missing_since = sighting.missing_since or look.at
                self._state.sightings[one.id] = replace(sighting, missing_since=missing_since)
                found.append(MissingResource(one.id, one.provider_id, missing_since))
        return sorted(found, key=lambda one: (one.missing_since, one.provider_id))

    def bury(self, look: Look, graves: Sequence[Grave]) -> int:
        must_be_operator(self._principal)
        buried = 0
        for grave in graves:
            gone = self._state.resources[grave.resource_id]
            if gone.deleted_at is None and gone.last_seen <= grave.looked_at:
                self._state.resources[gone.id] = replace(gone, deleted_at=grave.end_of(gone))
                self._leave(gone)
                self._log(ResourceEvent(EventKind.DISAPPEARED, gone.id, gone.key), grave.looked_at)
                buried += 1
        return buried

    def place(self, account: str, project_id: str, members: Collection[Member]) -> None:
        must_be_operator(self._principal)
        known = (one for one in self._inventory.of_account(account) if one.deleted_at is None)
        if any((one.kind, one.provider_id) == ("project", project_id) for one in known):
            self._state.projects.update(dict.fromkeys(self._meant(account, members), project_id))

    def displace(self, account: str, project_id: str, members: Collection[Member]) -> None:
        must_be_operator(self._principal)
        stay = self._meant(account, members)
        for one in self._inventory.of_account(account):
            is_in = self._state.projects.get(one.id) == project_id
            if is_in and one.deleted_at is None and one.id not in stay:
                del self._state.projects[one.id]

    def finish(self, synced: Synced) -> None:
        must_be_operator(self._principal)
        ordered = sorted(synced.scopes, key=lambda scope: (scope.kind, scope.region or ""))
        self._state.syncs[synced.sync_id] = replace(synced, scopes=tuple(ordered))

    def get(self, sync_id: UUID) -> Synced | None:
        must_be_operator(self._principal)
        return self._state.syncs.get(sync_id)

    def page(self, *, after: UUID | None, limit: int) -> list[Synced]:
        must_be_operator(self._principal)
        newest = sorted(self._state.syncs.values(), key=lambda one: one.sync_id, reverse=True)
        return [one for one in newest if after is None or one.sync_id < after][:limit]

    def _leave(self, gone: CloudResource) -> None:
        """Nothing that lives stays in a project that is gone."""
        if gone.kind == "project":
            for resource_id, project_id in list(self._state.projects.items()):
                own = self._state.resources[resource_id]
                if (project_id, own.account, own.deleted_at) == (gone.provider_id, gone.account, None):
                    del self._state.projects[resource_id]

    def _known(self, look: Look, provider_id: str) -> CloudResource | None:
        key = look.account, look.kind, provider_id
        return next((one for one in self._state.resources.values() if one.key == key), None)

    def _newest(self, known: CloudResource) -> datetime:
        """The newest look that told of it, be it that it is gone."""
        log = self._state.resource_log.get(known.id, []) if known.deleted_at is not None else []
        gone = [entry.at for entry in log if entry.kind is EventKind.DISAPPEARED]
        return max([known.last_seen, *gone])

    def _held(self, resource: CloudResource) -> Held | None:
        told = self._inventory.assignments_of(resource.id)
        if not told:
            return None
        latest = told[0]
        return Held(latest.assignment.from_at, latest.assignment.deployment_id, latest.by is AssignedBy.TAG)

    def _meter(self, look: Look, known: CloudResource | None, now: CloudResource, gap: Gap | None) -> None:
        there = self._state.rate_changes.get(now.id, [])
        stored = {change.from_at: change for change in there}
        for found in rates_found(look, known, now, gap):
            if not (found.if_first and there):
                stored[found.change.from_at] = found.change
        if stored:
            self._state.rate_changes[now.id] = sorted(stored.values(), key=lambda change: change.from_at)

    def _log(self, event: ResourceEvent, at: datetime) -> None:
        self._state.resource_events.append(event)
        self._state.resource_log.setdefault(event.resource_id, []).append(logged(event, at))

    def _meant(self, account: str, members: Collection[Member]) -> set[UUID]:
        """The resources that these are; a Space is named, and meant where it alone has the name."""
        there = self._inventory.of_account(account)
        spaces = Counter(one.name for one in there if one.kind == "space" and one.deleted_at is None)
        found = set()
        for one in there:
            if one.kind != "space":
                meant = (one.kind, one.provider_id) in members
            else:
                meant = one.deleted_at is None and spaces[one.name] == 1 and ("space", one.name) in members
            if meant:
                found.add(one.id)
        return found
