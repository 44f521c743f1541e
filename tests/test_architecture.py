"""The arrows of the house: which stage may import which, and no circle anywhere.

`language` and `align` know nothing of ours but `errors`; `restore`, `scan`, `document` and
`evaluate` stand on these and never on each other; `pipeline` joins them; `learn` and the gate of
`evaluate` stand on the pipeline; the command line on all.
"""

import ast
from collections.abc import Mapping, Set
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import vnrepair

ROOT = Path(vnrepair.__file__).parent

RECORDS = {"errors", "page_ranges", "config", "records", "atomic"}
STAGE = RECORDS | {"language", "align"}
STAGES = {"restore", "scan", "document", "evaluate"}
PIPELINE = STAGE | STAGES
ABOVE_PIPELINE = PIPELINE | {"pipeline"}
TERMINAL = {"streams", "explained", "terminal"}
LOOKING_ON = RECORDS | {"scan", "explained"}
EVERYTHING = ABOVE_PIPELINE | TERMINAL | {"debug", "learn", "gate", "cli", "vnrepair"}

# Part of the house → the other parts that it may import.
ALLOWED: dict[str, Set[str]] = {
    "errors": set(),
    "page_ranges": {"errors"},
    "config": {"errors", "page_ranges"},
    "records": {"errors"},
    "atomic": {"errors"},
    "streams": {"errors"},
    "align": {"errors"},
    "language": {"errors"},
    **dict.fromkeys(STAGES, STAGE),
    "pipeline": PIPELINE,
    "gate": ABOVE_PIPELINE,
    "learn": ABOVE_PIPELINE,
    "explained": {"records"},
    "debug": LOOKING_ON,
    "terminal": PIPELINE | {"streams", "explained"},
    "cli": EVERYTHING,
    "__main__": EVERYTHING,
    "vnrepair": EVERYTHING,
}


def part_of(module: str) -> str:
    """The part of the house that a module is in; the gate is a part of its own."""
    if module == "vnrepair.evaluate.gate":
        return "gate"
    return module.split(".")[1] if "." in module else "vnrepair"


def modules() -> dict[str, Path]:
    """Every module by its dotted name."""
    found = {}
    for path in ROOT.rglob("*.py"):
        parts = ("vnrepair", *path.relative_to(ROOT).with_suffix("").parts)
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imports_of(path: Path, known: Set[str]) -> set[str]:
    """The modules of ours that a file imports anywhere in it, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            submodules = {f"{node.module}.{alias.name}" for alias in node.names} & known
            names |= submodules or {node.module}
    return {name for name in names if name.split(".")[0] == "vnrepair"}


def broken_arrows(imports: Mapping[str, Set[str]]) -> list[str]:
    return [
        f"{module} may not import {target}"
        for module, targets in sorted(imports.items())
        for target in sorted(targets)
        if part_of(target) not in ALLOWED[part_of(module)] | {part_of(module)}
    ]


@pytest.fixture(scope="module")
def house() -> dict[str, set[str]]:
    found = modules()
    return {module: imports_of(path, found.keys()) for module, path in found.items()}


def test_every_arrow_points_the_way_data_flows(house: dict[str, set[str]]) -> None:
    assert broken_arrows(house) == []


def test_no_module_stands_in_a_circle(house: dict[str, set[str]]) -> None:
    TopologicalSorter(house).prepare()


def test_every_import_names_a_module_that_exists(house: dict[str, set[str]]) -> None:
    assert {target for targets in house.values() for target in targets} <= house.keys()


def test_every_part_of_the_house_has_its_rule(house: dict[str, set[str]]) -> None:
    assert {part_of(module) for module in house} == ALLOWED.keys()


@pytest.mark.parametrize(
    ("module", "target"),
    [
        ("vnrepair.scan.ocr", "vnrepair.restore.restorer"),
        ("vnrepair.language.letters", "vnrepair.records"),
        ("vnrepair.evaluate.score", "vnrepair.pipeline"),
        ("vnrepair.evaluate.report", "vnrepair.evaluate.gate"),
        ("vnrepair.pipeline", "vnrepair.learn.build"),
    ],
)
def test_an_arrow_against_the_flow_is_noticed(module: str, target: str) -> None:
    assert broken_arrows({module: {target}}) == [f"{module} may not import {target}"]


def test_a_circle_is_noticed(tmp_path: Path) -> None:
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    one.write_text("def late():\n    from vnrepair.other import thing\n")
    other.write_text("import vnrepair.one\n")
    known = {"vnrepair.one", "vnrepair.other"}
    graph = {"vnrepair.one": imports_of(one, known), "vnrepair.other": imports_of(other, known)}
    with pytest.raises(CycleError):
        TopologicalSorter(graph).prepare()
