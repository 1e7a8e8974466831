"""How many examples a property is tried on: a short, seeded run always; a long, random one when asked for.

ARCADIA_LONG=1 (set by `./arcadia test --long`) tries each property at least 20,000 times with a new seed.
ARCADIA_MUTANT=1 (set by ./arcadia mutate) keeps a tenth, and shrinks nothing: there each mutant pays for
every example, and it is enough to know that one failed.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

LONG = os.environ.get("ARCADIA_LONG") == "1"
MUTANT = os.environ.get("ARCADIA_MUTANT") == "1"


def examples(usual: int) -> settings:
    """The settings of a property that is tried `usual` times in the short run."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    if LONG:
        return settings(max_examples=max(20_000, usual), deadline=None, suppress_health_check=slow)
    return settings(
        max_examples=max(10, usual // 10) if MUTANT else usual,
        phases=[Phase.explicit, Phase.generate] if MUTANT else list(Phase),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=slow,
    )
