"""The benches: what we do beside the least that the same work costs, in the same run (docs/performance.md).

Owns the measuring, the floors and the proofs of equal work. Not part of the wheel: nothing in `src` needs it.
"""
