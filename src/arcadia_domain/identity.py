"""Who asks: a principal, its roles, and which tenants it may speak for (SPEC 16).

Owns the first of the two walls between tenants: every use case scopes by a Principal. The second is row-level
security in the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from arcadia_domain.errors import DomainError

PLATFORM = "_platform"
"""The tenant under which the platform's own acts are recorded; no token may name it."""


class OperatorsOnly(DomainError):
    code = "operators_only"
    sentence = "Only a platform admin may {act}."


class Role(StrEnum):
    PLATFORM_ADMIN = "platform_admin"
    LLM_GATEWAY = "llm_gateway"


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody or something that acts.

    `subject` is recorded as the actor of what they change; `tenant_id` is the tenant they belong to.
    """

    subject: str
    tenant_id: str
    roles: frozenset[Role] = frozenset()

    @property
    def is_operator(self) -> bool:
        return Role.PLATFORM_ADMIN in self.roles

    def may_see(self, tenant_id: str) -> bool:
        """Whether what belongs to that tenant exists for this principal."""
        return self.is_operator or self.tenant_id == tenant_id

    def must_be_operator(self, act: str) -> None:
        """Raise OperatorsOnly unless the principal is a platform admin. `act` completes 'may …'."""
        if not self.is_operator:
            raise OperatorsOnly(act=act)


def operator(subject: str) -> Principal:
    """A platform admin: a person at the command line, or a job that acts for the platform."""
    return Principal(subject, PLATFORM, frozenset({Role.PLATFORM_ADMIN}))


def tenant(subject: str, tenant_id: str) -> Principal:
    """A user of one tenant."""
    return Principal(subject, tenant_id)
