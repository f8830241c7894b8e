"""The room of prices and plans: milestones with criteria, a quote that is frozen once submitted."""
