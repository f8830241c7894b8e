"""The room of organizations and persons: who they are, what they may do, what they did."""
