"""Templates kept compiled from one start to the next."""

from contextlib import suppress

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class CompiledPages(FileSystemBytecodeCache):
    """Keeps them where it can: a page is not lost because a full disk has no room for its template."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep one template."""
        with suppress(OSError):
            super().dump_bytecode(bucket)
