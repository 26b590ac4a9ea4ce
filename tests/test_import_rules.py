"""Who may import whom: read from the syntax trees, so that an import inside a function counts too."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from inversion_core.settings import ROOT

CORE = ROOT / "inversion_core"
MODULES = sorted(CORE.rglob("*.py"))

SOLE_IMPORTERS = {
    "opacus": "inversion_core/defences/dp_sgd.py",
    "dask": "inversion_core/jobs/engine.py",
    "torchvision": "inversion_core/vision.py",
    "fsspec": "inversion_core/store/artifacts.py",
    "fastapi": "inversion_core/serving/app.py",
    "uvicorn": "inversion_core/serving/run.py",
    "limits": "inversion_core/serving/limiter.py",
    "fpdf": "inversion_core/reports/paper.py",
    "jinja2": "inversion_core/reports/html.py",
    "httpx": "inversion_core/targets/endpoint.py",
    "tenseal": "inversion_core/channels/homomorphic.py",
    "flwr": "inversion_core/flower.py",
}
"""The one module that may import each heavy package."""

COMMAND_LINE = {"border", "cli", "cli_audit", "cli_review"}
"""The modules that are the command line, and alone may import typer."""

ALIASES = {"dask": {"dask", "distributed"}}
"""dask.distributed is the package distributed under another name."""

ONLY_FOR_PAGES = {"streamlit", "pages", "app"}
FOR_ATTACKS = {
    "attacks.base", "attacks.black_box", "attacks.completion", "attacks.decoder", "attacks.decoding",
    "attacks.plug_and_play", "attacks.shadow_models", "attacks.student", "attacks.update_attack", "component",
    "membership", "values", "tables", "errors", "oracles", "lanes", "released", "samplers", "updates",
}  # fmt: skip
"""What of the package an attack may import; an oracle is handed to it, and its class names the type. One that
steals a copy goes on with the attack on weights, plug_and_play.
"""

LAYERS: dict[str, set[str]] = {
    "tables": set(),
    "membership": set(),
    "released": {"tables"},
    "values": {"membership", "released", "tables"},
    "errors": set(),
    "keys": set(),
    "tiling": set(),
    "seeds": set(),
    "settings": set(),
    "lanes": {"settings"},
    "component": set(),
    "compare": set(),
    "vision": set(),
    "pictures": {"tiling"},
    "datasets": {"component", "tables", "values", "errors", "settings", "seeds", "keys", "pictures"},
    "priors": {"component", "values", "errors", "settings", "seeds", "keys", "targets", "datasets"},
    "defences": {"component", "tables", "values", "errors", "seeds"},
    "updates": set(),
    "oracles": {"tables", "values", "errors", "defences", "pictures", "updates"},
    "samplers": {"released", "values", "errors", "oracles"},
    "attacks": {
        "component", "membership", "tables", "values", "errors", "oracles", "lanes", "released", "samplers",
        "updates",
    },
    "targets": {
        "component", "tables", "values", "errors", "settings", "seeds", "keys", "datasets", "defences",
        "vision", "pictures", "lanes", "released",
    },
    "metrics": {
        "component", "membership", "tables", "values", "errors", "settings", "seeds", "keys", "datasets",
        "targets", "registry", "tiling", "released",
    },
}  # fmt: skip
"""Package or module -> what else of the package it may import; the layers above these are free."""


def test_the_core_is_found() -> None:
    assert CORE / "execute.py" in MODULES and len(MODULES) > 40


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_core_never_imports_streamlit_or_pages(module: Path) -> None:
    assert not {name.split(".")[0] for name in imported(module)} & ONLY_FOR_PAGES


@pytest.mark.parametrize(("package", "home"), SOLE_IMPORTERS.items())
def test_a_heavy_package_has_one_importer(package: str, home: str) -> None:
    importers = {
        str(module.relative_to(ROOT))
        for module in MODULES
        if ALIASES.get(package, {package}) & {name.split(".")[0] for name in imported(module)}
    }
    assert importers <= {home}
    # torchvision is imported by name and late: vision.py must prepare the ground first.
    assert importers or f'import_module("{package}")' in (ROOT / home).read_text()


def test_only_the_command_line_imports_typer() -> None:
    importers = {module.stem for module in MODULES if "typer" in {*imported(module)}}
    assert importers == COMMAND_LINE


@pytest.mark.parametrize(
    "module",
    [path for path in (CORE / "attacks").glob("*.py") if path.stem not in ("__init__", "base")],
    ids=lambda path: path.stem,
)
def test_an_attack_sees_its_contract_and_nothing_of_the_defender(module: Path) -> None:
    for name in imported(module):
        top = name.split(".")[0]
        if top == "inversion_core":
            inside = name.removeprefix("inversion_core.")
            assert any(inside == allowed or inside.startswith(allowed + ".") for allowed in FOR_ATTACKS), name
        else:
            assert top in {"torch", "numpy", "pydantic", "sklearn"} or top in sys.stdlib_module_names, name


@pytest.mark.parametrize("module", sorted((CORE / "metrics").glob("*.py")), ids=lambda path: path.stem)
def test_a_metric_never_imports_an_attack_or_an_oracle(module: Path) -> None:
    assert not {area(name) for name in imported(module)} & {"attacks", "oracles", "execute", "store", "jobs"}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_rests_only_on_those_below_it(layer: str) -> None:
    place = CORE / layer
    for module in sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]:
        used = {area(name) for name in imported(module) if name.startswith("inversion_core.")}
        assert used <= LAYERS[layer] | {layer}, f"{module.relative_to(ROOT)} uses {sorted(used)}"


def test_jobs_and_the_store_never_reach_up_to_the_command_line() -> None:
    for place in ("store", "jobs", "execute.py", "scenario.py"):
        path = CORE / place
        for module in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            assert not {area(name) for name in imported(module)} & {*COMMAND_LINE, "console", "doctor"}


@pytest.mark.parametrize("module", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: path.stem)
def test_a_page_computes_nothing_itself(module: Path) -> None:
    heavy = {"torch", "torchvision", "opacus", "sklearn", "skimage", "dask", "distributed", "sqlalchemy"}
    assert not {name.split(".")[0] for name in imported(module)} & heavy
    called = {node.id for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Name)}
    assert "inversion_core.execute" not in set(imported(module)) or not called & {"execute", "train"}


def imported(module: Path) -> Iterator[str]:
    """Yield the dotted name of every import of a module; `from a import b` is a.b where that is a module."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively; name the package"
            assert node.module is not None
            for alias in node.names:
                inner = node.module.replace(".", "/") + "/" + alias.name
                is_module = (ROOT / f"{inner}.py").exists() or (ROOT / inner).is_dir()
                yield f"{node.module}.{alias.name}" if is_module else node.module


def area(name: str) -> str:
    """Return the part of the package a dotted name lies in: inversion_core.attacks.base -> attacks."""
    return name.removeprefix("inversion_core.").split(".")[0]
