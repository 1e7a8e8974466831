"""The mutants of a file: every operator of cosmic-ray at every place, told apart by what they change.

Owns what a mutant is, and the one proof of equivalence that needs no judgement: a change in an annotation.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names


@dataclass(frozen=True)
class Mutant:
    """One change of one file. `was` and `became` are the changed lines without their indentation."""

    file: str
    operator: str
    line: int
    was: str
    became: str
    code: str
    in_annotation: bool


def mutants_of(file: str, source: str) -> Iterator[Mutant]:
    """Every mutant of the file, operator by operator; the same source gives the same mutants in one order."""
    tree = get_ast(source)
    bare = _without_annotations(source)
    for name in sorted(operator_names()):
        operator_class = get_operator(name)
        if operator_class.arguments():
            continue  # two operators swap in variables that a project names for them: there are none to name
        operator = operator_class()
        places = sum(1 for node in ast_nodes(tree) for _ in operator.mutation_positions(node))
        for occurrence in range(places):
            code = mutate_code(source, operator, occurrence)
            assert code is not None, f"{name} has no occurrence {occurrence} in {file}"
            line, was, became = _change(source.splitlines(), code.splitlines())
            yield Mutant(
                file=file,
                operator=name.removeprefix("core/"),
                line=line,
                was=was,
                became=became,
                code=code,
                in_annotation=_without_annotations(code) == bare,
            )


def _change(old: list[str], new: list[str]) -> tuple[int, str, str]:
    """The first changed line's number, what stood there, and what stands there now.

    A line that is gone is told with the one after it: `@property` alone would not say whose.
    """
    changes = [c for c in difflib.SequenceMatcher(None, old, new, False).get_opcodes() if c[0] != "equal"]
    start, end, new_start, new_end = changes[0][1], changes[-1][2], changes[0][3], changes[-1][4]
    if not "".join(new[new_start:new_end]).strip():
        end, new_end = end + 1, new_end + 1
    was, became = (" ".join(" ".join(part).split()) for part in (old[start:end], new[new_start:new_end]))
    return start + 1, was, became


class _Bare(ast.NodeTransformer):
    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)


def _without_annotations(source: str) -> str | None:
    """The program as it runs: with `from __future__ import annotations` no annotation is evaluated."""
    try:
        return ast.dump(_Bare().visit(ast.parse(source)))
    except SyntaxError:
        return None
