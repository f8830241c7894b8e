"""The room of money sent out: prepared by one, approved by another, paid or bounced."""
