"""Pages served by a thread beside whoever asked for them, and ended so that nobody's door is shut from behind."""

import threading
from typing import Any

from waitress.server import create_server


class PagesBeside:
    """Pages on a port, from `start` until `stop`.

    The thread that waits at the doors is also the one that closes them: closed from another one while it looks at them,
    it breaks on a door that is no longer there, or waits at one that meanwhile belongs to somebody else.
    """

    def __init__(self, pages: Any, *, name: str = "pages", **asked: Any) -> None:
        self._server: Any = create_server(pages, ident="Jalon", **asked)
        self._thread = threading.Thread(target=self._server.run, name=name, daemon=True)
        self.port = int(self._server.effective_port)

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more; what is being answered is answered first. Stopping again does nothing."""
        self._server.task_dispatcher.shutdown()
        if not self._thread.is_alive():
            self._server.close()
            return
        self._server.trigger.pull_trigger(self._close_doors)
        self._thread.join()

    def _close_doors(self) -> None:
        for line in list(self._server.active_channels.values()):
            line.handle_write()
            line.handle_close()
        self._server.close()
