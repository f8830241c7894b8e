"""Names for things in addresses: sortable by time, not to be guessed."""

import os
import time


def public_id() -> str:
    """A UUID version 7 (RFC 9562) as 32 hexadecimal digits: 48 bits of milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    high = (milliseconds << 16) | 0x7000 | (random >> 68)
    low = (0b10 << 62) | (random & ((1 << 62) - 1))
    return f"{(high << 64) | low:032x}"
