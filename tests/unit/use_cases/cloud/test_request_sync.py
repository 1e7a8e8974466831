"""request_sync: a job for a speed, once while it waits. read_syncs: what they came to."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from arcadia_app.use_cases.cloud.read_syncs import SyncNotFound, list_syncs, read_sync
from arcadia_app.use_cases.cloud.request_sync import request_sync
from arcadia_domain.cloud.syncing import Speed, Synced
from arcadia_domain.identity import OperatorsOnly, Principal
from tests.fakes.transactions import FakeTransactions
from tests.world import ANN, NOBODYS, NOW, OLGA


def asked(store: FakeTransactions, speed: Speed, by: Principal = OLGA) -> UUID:
    with store.begin(by) as work:
        return request_sync(work, by, speed=speed, now=NOW, cause="request-1")


@pytest.mark.parametrize(
    ("speed", "queue"),
    [
        (Speed.FAST, "cloud_sync_fast"),
        (Speed.FULL, "cloud_sync_full"),
        (Speed.SLOW, "cloud_sync_slow"),
        (Speed.ALL, "cloud_sync_full"),
    ],
)
def test_the_job_says_what_is_asked_for_by_whom_and_why(
    store: FakeTransactions, speed: Speed, queue: str
) -> None:
    job_id = asked(store, speed)
    job = store.state.jobs[job_id].asked
    assert (job.name, job.queue, job.payload) == ("sync_inventory", queue, {"speed": speed.value})
    assert (job.created_by, job.cause) == ("olga", "request-1")


def test_the_same_speed_asked_for_twice_is_one_job(store: FakeTransactions) -> None:
    jobs = [asked(store, speed) for speed in Speed]
    assert [asked(store, speed) for speed in Speed] == jobs
    assert len(set(jobs)) == len(jobs)
    assert len({store.state.jobs[job].asked.ordering_key for job in jobs}) == len(jobs)


def test_a_sync_is_read_and_listed_by_operators_only(store: FakeTransactions) -> None:
    at = datetime(2026, 5, 3, tzinfo=UTC)
    synced = Synced(sync_id=UUID(int=1), account="a", speed=Speed.ALL, actor="olga", started_at=at)
    with store.begin(OLGA) as work:
        work.syncs.begin(synced)
        assert read_sync(work, OLGA, sync_id=synced.sync_id) == synced
        assert list_syncs(work, OLGA, after=None, limit=5) == [synced]
        with pytest.raises(SyncNotFound):
            read_sync(work, OLGA, sync_id=NOBODYS)
        for refused in (
            lambda: read_sync(work, ANN, sync_id=synced.sync_id),
            lambda: list_syncs(work, ANN, after=None, limit=5),
        ):
            with pytest.raises(OperatorsOnly):
                refused()
    with pytest.raises(OperatorsOnly):
        asked(store, Speed.FAST, ANN)
