"""The look: page shell, macros, stylesheet. See README.md for every macro."""
