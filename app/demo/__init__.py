"""The whole story on the practice bank: seed, tour and test in one. It plays through the rules, never around them."""

from app.demo.bulk import fill
from app.demo.story import play

__all__ = ["fill", "play"]
