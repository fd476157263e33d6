"""The engine's public face, so that importers name ``app.engine`` and not its inner division."""

from app.engine.engine import TRANSIENT, Engine
from app.engine.run import Run

__all__ = ["TRANSIENT", "Engine", "Run"]
