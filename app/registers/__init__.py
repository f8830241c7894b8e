"""The bench of public registers: whether a number an organization gave is really one of theirs."""
