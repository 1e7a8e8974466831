"""Cron expressions, read by cronsim (`arcadia_domain.ports.schedule.Calendar`)."""

from __future__ import annotations

from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from arcadia_domain.errors import DomainError


class InvalidCron(DomainError):
    code = "invalid_cron"
    sentence = "{cron!r} is no cron expression: {reason}."


class CronCalendar:
    """Five fields, in UTC: no tick is ever doubled or left out by a change of clocks."""

    def next(self, cron: str, after: datetime) -> datetime:
        """See Calendar."""
        try:
            return next(CronSim(cron, after.astimezone(UTC)))
        except CronSimError as error:
            raise InvalidCron(cron=cron, reason=str(error)) from None
        except StopIteration:
            raise InvalidCron(cron=cron, reason="no day of the next 50 years fits it") from None
