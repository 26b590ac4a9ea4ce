"""Print how many portraits a second the renderer draws: python tests/benchmarks/render_speed.py [photos]."""

import sys
import time

import torch

from inversion_core.datasets import portrait


def main(photos: int) -> None:
    rng = torch.Generator().manual_seed(0)
    people, views = portrait.sample_identities(photos, rng), portrait.sample_views(photos, rng)
    for threads in (1, 2):
        torch.set_num_threads(threads)
        portrait.render(people[: portrait.CHUNK], views[: portrait.CHUNK])  # warms up
        start = time.perf_counter()
        portrait.render(people, views)
        print(f"{threads} thread(s): {photos / (time.perf_counter() - start):.0f} photos/s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 320)
