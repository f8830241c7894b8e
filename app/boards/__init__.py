"""What each person sees first: what waits for them, where their money is, what has happened. Writes nothing."""
