"""The room of answers: what a maintainer plans, which needs it answers, what is declined and why."""
