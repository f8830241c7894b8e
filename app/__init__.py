"""Jalon: companies co-finance the open source they rely on, and money moves when the work is accepted."""
