"""Principals: who asks, and what only an operator may do."""

from __future__ import annotations

import pytest

from arcadia_domain.identity import PLATFORM, OperatorsOnly, Principal, Role, operator, tenant


def test_a_platform_admin_is_an_operator() -> None:
    ops = operator("ops@sky")

    assert ops.is_operator
    assert (ops.subject, ops.tenant_id) == ("ops@sky", PLATFORM)
    ops.must_be_operator("publish a version")


def test_a_tenant_is_no_operator_and_is_told_so() -> None:
    user = tenant("ann", "acme")

    assert not user.is_operator
    assert (user.subject, user.tenant_id, user.roles) == ("ann", "acme", frozenset())
    with pytest.raises(OperatorsOnly) as refused:
        user.must_be_operator("publish a version")
    assert str(refused.value) == "Only a platform admin may publish a version."
    assert refused.value.facts == {"act": "publish a version"}
    assert refused.value.code == "operators_only"


def test_the_gateway_is_no_operator() -> None:
    assert not Principal("gateway", "_platform", frozenset({Role.LLM_GATEWAY})).is_operator
