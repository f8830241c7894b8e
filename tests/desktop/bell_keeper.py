"""Shows notices for a test (`python bell_keeper.py FILE`): writes each one's title down, and clicks on it."""

import sys
from pathlib import Path

from jeepney import DBusAddress, HeaderFields, MessageType, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"

if __name__ == "__main__":
    line = open_dbus_connection(bus="SESSION")
    line.send_and_get_reply(message_bus.RequestName(NAME))
    rung = Path(sys.argv[1])
    rung.touch()
    number = 0
    while True:
        message = line.receive()
        called = message.header.message_type == MessageType.method_call
        if not called or message.header.fields.get(HeaderFields.member) != "Notify":
            continue
        number += 1
        with rung.open("a") as file:
            file.write(message.body[3].replace("\n", " ") + "\n")
        line.send(new_method_return(message, "u", (number,)))
        line.send(new_signal(DBusAddress(PATH, interface=NAME), "ActionInvoked", "us", (number, "default")))
