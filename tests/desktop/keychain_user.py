"""What the program does with the system's keychain, as one run of it: keep, read, forget, lock."""

import sys

from client.keychain import Keychain

kept = Keychain("server-1")
if sys.argv[1] == "keep":
    kept.keep("a token of one device")
elif sys.argv[1] == "forget":
    kept.forget()
elif sys.argv[1] == "lock":
    import secretstorage

    secretstorage.get_default_collection(secretstorage.dbus_init()).lock()
print(sys.argv[1], repr(kept.read()), kept.is_lasting, flush=True)
