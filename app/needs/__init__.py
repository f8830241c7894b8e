"""The room of needs: what is missing, for whom, and who else misses it."""
