"""The one door to torchvision, which a CPU build of torch cannot import as the registry serves it.

torchvision's wheel on the registry is built for a CUDA torch. Beside a CPU torch its compiled half does not
load, and its Python half then stops at `import torchvision` with "operator torchvision::nms does not exist",
because it attaches shape functions to two operators nobody declared. Declaring their schemas first cures
that; networks, transforms and datasets need neither operator. Where the compiled half does load, nothing is
declared.

Call `torchvision()` where the module is needed: its import takes a second.
"""

import importlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
"""The operators torchvision attaches shape functions to without checking that they exist."""


def torchvision() -> Any:
    """Return the torchvision module, imported on the first call."""
    declared_operators()
    return importlib.import_module("torchvision")


def declared_operators() -> tuple[str, ...]:
    """Declare what torchvision would miss and return the names; empty where its compiled half works."""
    return tuple(_library_of_missing()[1])


@cache
def _library_of_missing() -> tuple[torch.library.Library | None, list[str]]:
    """Return the declarations, kept for the life of the process: dropping the library withdraws them."""
    _load_compiled_half()
    missing = [name for name in SCHEMAS if not hasattr(torch.ops.torchvision, name)]
    if not missing:
        return None, []
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in missing:
        library.define(SCHEMAS[name])
    return library, missing


def _load_compiled_half() -> None:
    """Let torchvision's own operators register themselves, where they can."""
    spec = find_spec("torchvision")
    assert spec is not None, "torchvision is pinned in requirements.txt"
    for folder in spec.submodule_search_locations or []:
        for library in Path(folder).glob("_C*.so"):
            try:
                torch.ops.load_library(str(library))
            except OSError:
                return
