"""How this system tells somebody something: its message bus on Linux, the engine's own way elsewhere."""

import sys
import threading
from collections.abc import Callable
from typing import Any

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
LONGEST = 400

Answer = Callable[[], None]


def bell_here(native: Any) -> "BusBell | EngineBell":
    """The way to ring on this system."""
    return BusBell() if sys.platform.startswith("linux") else EngineBell(native)


class BusBell:
    """Notices on the session's bus: no icon stays anywhere, and a click comes back."""

    def __init__(self) -> None:
        self._answers: dict[int, Answer] = {}
        self._line: Any = None
        self._turn = threading.Lock()

    def ring(self, title: str, text: str, verb: str, answer: Answer) -> bool:
        """Show a notice; `answer` is called when it is clicked. Whether there was anybody to show it."""
        from jeepney import DBusAddress, new_method_call
        from jeepney.wrappers import DBusErrorResponse, unwrap_msg

        address = DBusAddress(PATH, bus_name=NAME, interface=NAME)
        body = (
            "Jalon",
            0,
            "jalon",
            title[:LONGEST],
            text[:LONGEST],
            ["default", verb],
            {"desktop-entry": ("s", "jalon")},
            -1,
        )
        try:
            with self._turn:
                line = self._open()
                reply = line.send_and_get_reply(
                    new_method_call(address, "Notify", "susssasa{sv}i", body), timeout=5
                )
                self._answers[int(unwrap_msg(reply)[0])] = answer
        except (OSError, KeyError, ValueError, TimeoutError, DBusErrorResponse):
            self._line = None
            return False
        return True

    def _open(self) -> Any:
        """The line to the bus, with a thread that hears clicks; opened when the first notice rings."""
        if self._line is None:
            from jeepney import MatchRule, message_bus
            from jeepney.io.threading import DBusRouter, open_dbus_connection

            router = DBusRouter(open_dbus_connection(bus="SESSION", auth_timeout=2.0))
            rule = MatchRule(type="signal", interface=NAME, member="ActionInvoked", path=PATH)
            router.send_and_get_reply(message_bus.AddMatch(rule), timeout=5)
            threading.Thread(target=self._hear, args=(router, rule), name="bell", daemon=True).start()
            self._line = router
        return self._line

    def _hear(self, router: Any, rule: Any) -> None:
        with router.filter(rule) as clicks:
            while True:
                number = int(clicks.get().body[0])
                # A click may be quicker than the bell's own answer to who rang: until that is written down, it waits.
                with self._turn:
                    answer = self._answers.pop(number, None)
                if answer is not None:
                    answer()


class EngineBell:
    """Notices by Qt, where there is no such bus: an icon stands in the tray only while one is shown."""

    def __init__(self, native: Any) -> None:
        self._native = native
        self._icon: Any = None

    def ring(self, title: str, text: str, _verb: str, answer: Answer) -> bool:
        """Show a notice; on the window's thread."""
        from PySide6.QtWidgets import QSystemTrayIcon

        if not QSystemTrayIcon.isSystemTrayAvailable():
            return False
        self._icon = QSystemTrayIcon(self._native.windowIcon(), self._native)
        self._icon.messageClicked.connect(answer)
        self._icon.show()
        self._icon.showMessage(title, text)
        return True
