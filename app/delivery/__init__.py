"""The room of milestones handed in: who accepts, who refuses, what the arbitrators award."""
