"""Python's own cleaning up, told what it need not look at."""

import gc

OBJECTS_BETWEEN_LOOKS = 50_000


def spare_the_collector() -> None:
    """What was loaded at the start stays: looking through it again and again took a tenth of every request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS, 20, 50)
