"""Refusals on the wire: RFC 9457 problem details, and the one table from a code to its status (SPEC 15).

Owns the table and the shape. What is refused, and in which words, is said by whoever refuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from arcadia_app.http.refusals import (
    BodyTooLarge,
    InternalError,
    InvalidParameter,
    MalformedRequest,
    MethodNotAllowed,
    NoSuchPath,
    Refusal,
)
from arcadia_app.wire.problem import FieldError, Problem
from arcadia_domain.errors import DomainError

PROBLEM_JSON: Final = "application/problem+json"

UNAVAILABLE: Final = "The service cannot answer just now: ask again."
"""What every 503 says: what the database's driver says names hosts and ports, for us and for nobody else."""

_CODES: Final[Mapping[int, str]] = {
    400: """
        invalid_cursor invalid_parameter malformed_request
        """,
    401: "invalid_token",
    403: "operators_only transition_forbidden other_tenant gateway_only gateway_forbidden",
    404: """
        not_found job_not_found invoice_not_found tenant_not_found subscription_addon_not_found
        cloud_invoice_not_found cost_line_not_found no_balance_yet no_month_to_date sync_not_found
        run_not_found
        tick_not_found
        """,
    405: "method_not_allowed",
    409: """
        already_subscribed deployment_ended idempotency_key_reused in_progress invoice_overdue
        invoice_known_for_other_month ambiguous_invoice not_subscribed period_invoiced
        plan_code_taken addon_code_taken price_exists slug_taken subscription_cancelled tenant_exists
        usage_source_conflict event_conflict version_frozen addon_ended too_many_addons too_many_deployments
        job_not_stopped job_under_way shards_to_be_done
        """,
    412: "stale",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: """
        addon_ends_before_start change_before_start date_out_of_range day_in_the_past day_not_over
        duplicate_item empty_addon empty_name empty_period holds_nul invalid_abn invalid_amount invalid_body
        invalid_charge invalid_currency invalid_first_state invalid_invoice_uuid invalid_month
        invalid_quantity invalid_slug invalid_tax_rate invalid_tenant invalid_timeline invalid_transition
        invoice_amount_unreadable invoice_column_missing invoice_column_repeated invoice_date_unreadable
        invoice_holds_nul invoice_hours_unreadable invoice_last_line_cut invoice_line_ends_before_start
        invoice_not_utf8 invoice_refused invoice_row_cut invoice_row_not_csv invoice_without_header
        invoice_without_lines
        invoice_of_other_period mixed_currencies month_not_over naive_instant negative_invoice
        invoice_too_large no_active_version no_tax_rate no_trial_out_of_service not_a_month
        tenant_required trial_ends_before_start unknown_addon unknown_kind unknown_unit
        usage_outside_month occurred_in_future quote_too_large invalid_country tokens_not_counted
        invalid_terms_days reason_required deployment_of_other_tenant assignment_in_future
        """,
    429: "too_many_requests",
    500: "internal_error",
    503: "database_unreachable database_without_schema database_busy",
}

STATUS: Final[Mapping[str, int]] = MappingProxyType(
    {code: status for status, codes in _CODES.items() for code in codes.split()}
)
"""Every code a door may answer with, and its status."""

MISSING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unknown_plan": "plan_code",
        "unknown_version": "version_id",
        "unknown_tenant": "tenant_id",
        "deployment_not_found": "deployment_id",
        "resource_not_found": "resource_id",
    }
)
"""Something that is not there, and the fact that names it: 404 where the path named it, else 422."""


def status_of(error: DomainError, path: Mapping[str, Any]) -> int:
    """The status of a refusal of a request with these path parameters."""
    if error.code in MISSING:
        return 404 if MISSING[error.code] in path else 422
    return STATUS[error.code]


def refusals(*codes: str, missing: Sequence[str] = ()) -> dict[int, ResponseSpec]:
    """What an operation documents: a problem for each status, naming its codes.

    `missing` are the codes of what the path names and may not be there.
    """
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(STATUS.get(code, 422), []).append(code)
    for code in missing:  # not_found: a path of another form, such as an id that is none
        by_status.setdefault(404, ["not_found"]).append(code)
    return {status: _documented(status, sorted(set(named))) for status, named in sorted(by_status.items())}


def _documented(status: int, codes: Sequence[str]) -> ResponseSpec:
    return ResponseSpec(
        data_container=Problem,
        generate_examples=False,
        media_type=PROBLEM_JSON,
        description=f"{HTTPStatus(status).phrase}. Codes: {', '.join(f'`{code}`' for code in codes)}.",
        examples=[Example(summary=code, value=msgspec.to_builtins(_example(status, code))) for code in codes],
    )


def _example(status: int, code: str) -> Problem:
    return Problem(
        type=_type(code),
        title=HTTPStatus(status).phrase,
        status=status,
        detail="A sentence that says what was refused, and why.",
        instance="urn:arcadia:request:0199c1a2-6f3e-7c41-b0a5-1c2d3e4f5a6b",
        code=code,
        errors=[FieldError(field="name", message="what is wrong with it")]
        if code == "invalid_body"
        else None,
    )


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The problem of any exception that a request came to."""
    if isinstance(error, HTTPException):
        error = _from_litestar(request, error)
    if isinstance(error, DomainError) and (error.code in STATUS or error.code in MISSING):
        return problem(request, status_of(error, request.scope.get("path_params", {})), error)
    structlog.get_logger("arcadia.http").error("request failed", exc_info=error)
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, InternalError())


def problem(request: Request[Any, Any, Any], status: int, error: DomainError) -> Response[bytes]:
    """A refusal as its problem."""
    errors, headers = None, {}
    if isinstance(error, Refusal):
        errors, headers = error.errors or None, dict(error.headers)
    elif error.field is not None:
        errors = [FieldError(field=error.field, message=str(error))]
    detail = str(error)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        structlog.get_logger("arcadia.http").warning("unavailable", code=error.code, detail=detail)
        detail = UNAVAILABLE
        headers.setdefault("Retry-After", "1")
    return _response(request, status, error.code, detail, headers, errors)


def _from_litestar(request: Request[Any, Any, Any], error: HTTPException) -> Exception:
    match error:
        case ValidationException():
            named = _named(request, error.extra)
            if any(one.field == "data" for one in named):
                return MalformedRequest(reason="a body is asked for, and there is none.")
            return InvalidParameter(named)
        case NotFoundException():
            return NoSuchPath()
        case MethodNotAllowedException():
            return MethodNotAllowed(headers=dict(error.headers or {}))
        case HTTPException(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
            return BodyTooLarge()
        case ClientException():
            return MalformedRequest(reason=error.detail)
    return error


def _named(request: Request[Any, Any, Any], extra: object) -> list[FieldError]:
    """Each bad parameter under the name that the caller knows it by."""
    parameters = request.route_handler.parsed_fn_signature.parameters
    found = extra if isinstance(extra, list) else []
    named = []
    for one in found:
        name = str(one.get("key", ""))
        asked = parameters[name].kwarg_definition if name in parameters else None
        alias = getattr(asked, "name", None)
        named.append(FieldError(field=alias or name, message=str(one.get("message", ""))))
    return named


def _response(
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    detail: str,
    headers: Mapping[str, str],
    errors: list[FieldError] | None = None,
) -> Response[bytes]:
    body = Problem(
        type=_type(code),
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=f"urn:arcadia:request:{request.scope.get('state', {}).get('request_id', 'unknown')}",
        code=code,
        errors=errors,
    )
    request.scope.setdefault("state", {})["problem"] = code
    return Response(
        msgspec.json.encode(body), status_code=status, media_type=PROBLEM_JSON, headers=dict(headers)
    )


def _type(code: str) -> str:
    return f"urn:arcadia:problem:{code}"
