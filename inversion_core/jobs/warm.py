"""Warm a worker before it takes runs, so that the first frame comes at once: a Dask preload module.

Embedded workers load it by themselves, those of a cluster with
`dask worker --preload inversion_core.jobs.warm`.
"""

import os
import signal

import torch

from inversion_core import execute, registry
from inversion_core.settings import settings

assert execute  # imported for what it brings along


def dask_setup(worker: object) -> None:
    """Import every component and let torch make its first steps; Dask calls this when a worker starts."""
    # Ctrl-C in a terminal reaches the whole process group; the server ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The pages come first: a worker computes with what they leave.
    os.nice(10)
    torch.set_num_threads(settings().threads)
    for kind in registry.KINDS:
        registry.components(kind)
    layer = torch.nn.Conv2d(3, 8, 3)
    layer(torch.zeros(8, 3, 64, 64)).square().mean().backward()
