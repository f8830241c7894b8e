"""A window on a server with a certificate of its own making (`python own_certificate.py FOLDER ADDRESS FINGERPRINT`).

Prints `came` or `lost`, whichever the engine says of its first page.
"""

import sys
from pathlib import Path
from typing import Any

from client.addresses import origin_of
from client.preferences import WindowPlace
from client.readiness import prepare_engine

if __name__ == "__main__":
    prepare_engine()
    from client.window import Window

    folder, address, fingerprint = Path(sys.argv[1]), sys.argv[2], sys.argv[3]

    def furnish(window: Any) -> None:
        """Go there, and tell what becomes of it."""

        def told(word: str, of: str) -> None:
            if of.startswith(address):  # and not of the empty page pywebview begins with
                print(word, flush=True)
                window.close()

        window.engine.profile_origin = origin_of(address)
        window.engine.came.connect(lambda of: told("came", of))
        window.engine.lost.connect(lambda of: told("lost", of))
        window.engine.go(address)

    Window(storage=folder, place=WindowPlace(folder), fingerprint=fingerprint, furnish=furnish).run()
