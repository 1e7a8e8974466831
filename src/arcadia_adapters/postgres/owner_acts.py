"""What the owner does for the operators' role, which owns no table: months are made and given up (SPEC 17).

Owns these functions, who may call them, and bringing a database to exactly these. Each runs as the owner,
with its path pinned and a short wait for locks. It takes the name of a table of ours and the first day of a
month: nothing else gets into a statement. When a month is made or goes is the caller's to say; that raw
events go only when their month is settled is said here, under a lock that keeps later ones out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.roles import OPERATOR
from arcadia_adapters.postgres.tables import metadata
from arcadia_domain.billing.deployments import LlmMode
from arcadia_domain.billing.invoicing import LLM_CHARGE
from arcadia_domain.period import FIRST_DAY, LAST_DAY
from arcadia_domain.ports.upkeep import RAW_EVENTS, ByMonth, Dropped

# A caller's temp table or schema named like ours must not answer in its place.
_PATH: Final = "pg_catalog, public, pg_temp"
_PATIENCE: Final = "2s"
_SETTINGS: Final = (f"search_path={_PATH}", f"lock_timeout={_PATIENCE}")


@dataclass(frozen=True, slots=True)
class OwnerAct:
    """A function that runs as the owner, and all of it that matters to who may do what."""

    name: str
    arguments: str
    returns: str
    body: str
    callers: frozenset[str] = frozenset({OPERATOR})
    as_owner: bool = True
    settings: tuple[str, ...] = _SETTINGS


def partitioned_tables() -> dict[str, str]:
    """Each partitioned table's name, with the day column that cuts it into months."""
    return {
        table.name: key.removeprefix("RANGE (").removesuffix(")")
        for table in metadata.sorted_tables
        if (key := table.dialect_options["postgresql"]["partition_by"])
    }


def defined_acts() -> dict[str, OwnerAct]:
    """All there are, by name."""
    months = "parent text, first_month date, last_month date"
    acts = (
        OwnerAct("months_without_place", months, "SETOF date", _months_without_place()),
        OwnerAct("add_month", "parent text, month date", "boolean", _add_month()),
        OwnerAct("drop_month", "parent text, month date", "text", _drop_month()),
    )
    return {act.name: act for act in acts}


def _checked(*months: str) -> str:
    """What each body begins with: the table's day column, and a refusal of what is not ours."""
    days = " ".join(f"WHEN '{table}' THEN '{day}'" for table, day in sorted(partitioned_tables().items()))
    valid = [
        f"extract(day FROM {month}) = 1 AND {month} BETWEEN date '{FIRST_DAY}' AND date '{LAST_DAY}'"
        for month in months
    ]
    return f"""
  day_column := CASE parent {days} END;
  IF (day_column IS NOT NULL AND {" AND ".join(valid)}) IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
      MESSAGE = 'expected: a table that is cut into months, and the first day of a month';
  END IF;"""


def _months_without_place() -> str:
    return f"""
DECLARE
  day_column text;
BEGIN{_checked("first_month", "last_month")}
  RETURN QUERY EXECUTE format($sql$
    SELECT month FROM (
      SELECT each::date FROM generate_series($1::timestamp, $2::timestamp, interval '1 month') AS each
      UNION
      SELECT date_trunc('month', %1$I::timestamp)::date FROM public.%2$I
      WHERE %1$I BETWEEN date '{FIRST_DAY}' AND date '{LAST_DAY}'
    ) AS wanted (month)
    WHERE to_regclass(format('public.%%I', $3 || to_char(month, '_YYYY_MM'))) IS NULL
    ORDER BY month
  $sql$, day_column, parent || '_default') USING first_month, last_month, parent;
END
"""


_PLACE: Final = "place CONSTANT text := parent || to_char(month, '_YYYY_MM');"


def _add_month() -> str:
    return f"""
DECLARE
  day_column text;
  {_PLACE}
  next_month CONSTANT date := month + interval '1 month';
BEGIN{_checked("month")}
  -- One at a time. Who writes waits at the parent, before it is decided to which partition a row goes:
  -- decided before, it would be refused by the DEFAULT one afterwards.
  EXECUTE format('LOCK TABLE public.%I IN SHARE ROW EXCLUSIVE MODE', parent);
  -- No row of this month may come to where it would be left behind.
  EXECUTE format('LOCK TABLE public.%I IN ACCESS EXCLUSIVE MODE', parent || '_default');
  IF to_regclass(format('public.%I', place)) IS NOT NULL THEN
    RETURN false;
  END IF;
  -- A partition is refused whose rows stand in the DEFAULT one: it is filled, then attached.
  EXECUTE format(
    'CREATE TABLE public.%I (LIKE public.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', place, parent
  );
  EXECUTE format($sql$
    WITH moved AS (DELETE FROM public.%1$I WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING *)
    INSERT INTO public.%5$I SELECT * FROM moved
  $sql$, parent || '_default', day_column, month, next_month, place);
  EXECUTE format(
    'ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
    parent, place, month, next_month
  );
  RETURN true;
END
"""


_ISSUED: Final = "invoice.status IN ('issued', 'paid')"

# A tenant with an event in the month must have its invoice of that month, which nothing changes any more.
_NOT_INVOICED: Final = f"""
    SELECT EXISTS (
      SELECT FROM (SELECT DISTINCT tenant_id FROM public.%I) AS event
      WHERE NOT EXISTS (
        SELECT FROM public.tenant_invoices AS invoice
        WHERE invoice.tenant_id = event.tenant_id AND invoice.period_start = $1 AND {_ISSUED}
      )
    )"""

# What the gateway charged must be what was billed, to the last place. (Pushed usage is counted in sums that
# stay, so its events are no proof of what is still to bill.)
_NOT_BILLED: Final = f"""
    SELECT EXISTS (
      SELECT FROM (
        SELECT tenant_id, deployment_id, sum(charge) AS charge FROM public.%I
        WHERE llm_mode = '{LlmMode.GATEWAY.value}' GROUP BY tenant_id, deployment_id
      ) AS event
      WHERE charge <> (
        SELECT COALESCE(sum(billed.qty), 0)
        FROM public.billed_usage AS billed
        JOIN public.tenant_invoices AS invoice
          ON (invoice.tenant_id, invoice.id) = (billed.tenant_id, billed.invoice_id)
        WHERE (billed.tenant_id, billed.deployment_id) = (event.tenant_id, event.deployment_id)
          AND billed.service_month = $1 AND billed.kind = '{LLM_CHARGE}' AND {_ISSUED}
      )
    )"""


def _drop_month() -> str:
    raw = ", ".join(f"'{events}'" for events in sorted(RAW_EVENTS))
    return f"""
DECLARE
  day_column text;
  {_PLACE}
  writers_wait boolean;
  unsettled boolean := false;
BEGIN{_checked("month")}
  -- One at a time. Nobody who reads or writes waits for it.
  EXECUTE format('LOCK TABLE public.%I IN SHARE UPDATE EXCLUSIVE MODE', parent);
  IF NOT EXISTS (
    SELECT FROM pg_inherits WHERE inhparent = to_regclass(format('public.%I', parent))
      AND inhrelid = to_regclass(format('public.%I', place))
  ) THEN
    RETURN '{Dropped.NOT_THERE}';
  END IF;
  -- Looked at twice. A month that has to stay is looked at often, and keeps nobody waiting.
  FOREACH writers_wait IN ARRAY ARRAY[false, true] LOOP
    IF writers_wait THEN
      -- None may come between this look and the end; readers go on. The parent first, as who writes takes
      -- them: whoever held the month here, and then asked for the parent, would wait in a ring with a writer.
      EXECUTE format('LOCK TABLE public.%I IN SHARE ROW EXCLUSIVE MODE', parent);
    END IF;
    IF parent IN ({raw}) THEN
      EXECUTE format($sql${_NOT_INVOICED}$sql$, place) INTO unsettled USING month;
    END IF;
    IF parent = '{ByMonth.LLM_USAGE_EVENTS}' AND NOT unsettled THEN
      EXECUTE format($sql${_NOT_BILLED}$sql$, place) INTO unsettled USING month;
    END IF;
    IF unsettled THEN
      RETURN '{Dropped.NOT_SETTLED}';
    END IF;
  END LOOP;
  EXECUTE format('DROP TABLE public.%I', place);
  RETURN '{Dropped.DROPPED}';
END
"""


def differences(connection: sa.Connection) -> list[str]:
    """The statements that would bring this database to the definitions; [] when it is there."""
    defined, standing = defined_acts(), _standing_acts(connection, defined_acts())
    return [
        *(f"DROP FUNCTION {_signature(act)}" for act in standing if act != defined.get(act.name)),
        *(step for act in defined.values() if act not in standing for step in _created(act)),
    ]


def apply(connection: sa.Connection) -> list[str]:
    """Bring this database to the definitions, as the owner; returns the statements it ran."""
    statements = differences(connection)
    for statement in statements:
        connection.exec_driver_sql(statement.replace("%", "%%"))  # which the driver reads as one
    return statements


def _signature(act: OwnerAct) -> str:
    return f"public.{act.name}({act.arguments})"


def _created(act: OwnerAct) -> list[str]:
    created = (
        f"CREATE FUNCTION {_signature(act)} RETURNS {act.returns} LANGUAGE plpgsql SECURITY DEFINER"
        f" SET search_path = {_PATH} SET lock_timeout = '{_PATIENCE}' AS $act${act.body}$act$"
    )
    return [
        created,
        f"REVOKE ALL ON FUNCTION {_signature(act)} FROM PUBLIC",
        *(f"GRANT EXECUTE ON FUNCTION {_signature(act)} TO {role}" for role in sorted(act.callers)),
    ]


# Also a function that runs as its owner under a name that is none of ours: it is dropped.
_STANDING: Final = sa.text("""
SELECT p.proname, pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid), p.prosrc,
       ARRAY(SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END
             FROM aclexplode(COALESCE(p.proacl, acldefault('f', p.proowner))) AS a
             WHERE a.grantee <> p.proowner),
       p.prosecdef, COALESCE(p.proconfig, '{}')
FROM pg_proc AS p
WHERE p.pronamespace = 'public'::regnamespace AND (p.prosecdef OR p.proname = ANY (:names))
ORDER BY p.proname, p.oid
""")


def _standing_acts(connection: sa.Connection, defined: dict[str, OwnerAct]) -> list[OwnerAct]:
    rows = connection.execute(_STANDING, {"names": list(defined)})
    return [
        OwnerAct(name, arguments, returns, body, frozenset(callers), as_owner, tuple(settings))
        for name, arguments, returns, body, callers, as_owner, settings in rows
    ]
