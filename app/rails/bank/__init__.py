"""The rail of European bank files: statements are read (camt), transfers and direct debits written (pain)."""
