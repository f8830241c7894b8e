"""The room of held money: calls, deposits, releases, refunds; the only one that writes in the book."""
