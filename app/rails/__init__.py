"""The bench of rails: the ways money travels, behind one port; what they report comes in through the inbox."""
