"""The room of software: what organizations run and maintainers keep."""
