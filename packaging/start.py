"""What a bundle runs."""

from client.main import main

main()
