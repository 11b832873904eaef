"""What happens when a letter is due: `tick` looks, claims, renders, hands over and records."""

from engine.dispatcher.standing import Standing, Standings
from engine.dispatcher.tick import Dispatcher
from engine.dispatcher.ticked import Ticked

__all__ = ["Dispatcher", "Standing", "Standings", "Ticked"]
