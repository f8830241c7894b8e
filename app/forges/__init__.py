"""The bench of forges: whether a change, a tag or a release named as evidence is really there, asked without risk."""
