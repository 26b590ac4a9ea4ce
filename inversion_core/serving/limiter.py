"""Rows a minute of each caller; the only importer of `limits`."""

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from inversion_core.serving.refusals import Refusal


class RateLimiter:
    """Counts in this process; a minute starts with a caller's first row, so waiting as told is enough."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def take(self, caller: str, rows: int, rate: int) -> None:
        """Count rows, or raise Refusal with the seconds to wait; a refused request costs nothing."""
        item = RateLimitItemPerMinute(rate)
        if rows > rate:
            raise Refusal(
                "too-large",
                f"this key may ask {rate:,} rows a minute, {rows:,} were sent at once; send fewer",
            )
        if not self._limiter.test(item, caller, cost=rows):
            reset, left = self._limiter.get_window_stats(item, caller)
            seconds = max(1, math.ceil(reset - time.time()))
            raise Refusal(
                "rate-limited",
                f"this key may ask {rate:,} rows a minute, {left:,} are left and {rows:,} were sent; "
                f"try again in {seconds} s",
                retry_after=seconds,
            )
        self._limiter.hit(item, caller, cost=rows)
