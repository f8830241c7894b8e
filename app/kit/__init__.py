"""The bench of plain tools: money, states, time, words, the database. True anywhere, about nothing in particular."""
