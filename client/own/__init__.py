"""The program's own few pages: which Jalon to open, choices, what to read while the server does not answer."""
