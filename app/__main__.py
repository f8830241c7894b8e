"""`python -m app` is `jalon`."""

from app.commands import main

main()
