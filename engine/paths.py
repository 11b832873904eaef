"""Where the files of the product are: the checkout's, else those that the installed wheel carries."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent
_CARRIED = _PACKAGE / "_data"


def checkout() -> Path | None:
    """The checkout that this package runs from, or None when it is installed."""
    return _CHECKOUT if (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / "workflows").is_dir() else None


def _folder(name: str) -> Path:
    root = checkout()
    return root / name if root else _CARRIED / name


def workflows_dir() -> Path:
    """Where workflows are looked up by name; never the working directory."""
    return _folder("workflows")


def templates_dir() -> Path:
    """Where the letters' sources are."""
    return _folder("templates") / "email"


def pages_dir() -> Path:
    """Where the pages' templates and static files are."""
    return _folder("templates") / "web"


def default_home() -> Path:
    """Where state lives unless FOLLOWTHROUGH_HOME says otherwise: `var/` of the checkout, else of the working directory."""
    root = checkout()
    return root / "var" if root else Path.cwd() / "var"
