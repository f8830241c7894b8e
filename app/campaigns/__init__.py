"""The room of co-financing: one round for one approved estimate, signed pledges, all or nothing."""
