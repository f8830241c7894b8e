"""What stops Jalon from starting with a setting it should not start with."""


class SettingRefused(Exception):
    """A setting is missing, wrong or unsafe: one sentence, naming the variable."""
