"""`python -m client` is `jalon-desktop`."""

from client.main import main

main()
