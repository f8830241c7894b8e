"""The bench of the book: accounts, entries and transfers in double entry. It knows codes and amounts, nobody."""
