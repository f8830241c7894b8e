"""The rails' blueprint, which every file of doors adds to."""

from flask import Blueprint

bp = Blueprint("rails", __name__)
