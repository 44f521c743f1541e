"""Everything vnrepair raises, with the exit code of the command line on each class.

```
VnRepairError            1
├── ConfigError          2   an option that cannot be
├── InputError           3   a file or text that cannot be read
│   ├── ImageError
│   └── TextError
├── ResourceError        4   a dictionary file missing, altered or of another version
└── EngineError          5   the Tesseract program
    ├── EngineNotFoundError
    ├── LanguagePackError
    ├── EngineTimeoutError
    └── EngineFailedError
```

A message says what is wrong, where, and what to do next. `vnrepair check` exits with 1 when
quality regressed, as a failed test does; nothing else that went wrong shares that code.
"""

from typing import ClassVar

__all__ = [
    "ConfigError",
    "EngineError",
    "EngineFailedError",
    "EngineNotFoundError",
    "EngineTimeoutError",
    "ImageError",
    "InputError",
    "LanguagePackError",
    "ResourceError",
    "TextError",
    "VnRepairError",
]


class VnRepairError(Exception):
    """Base of every error that vnrepair raises on purpose."""

    exit_code: ClassVar[int] = 1


class ConfigError(VnRepairError):
    """An option has a value that it cannot have, or a configuration file cannot be read."""

    exit_code = 2


class InputError(VnRepairError):
    """An input file or text cannot be read; the message names it and the next step."""

    exit_code = 3


class ImageError(InputError):
    """Not an image or PDF, or a broken, encrypted or oversized one."""


class TextError(InputError):
    """Not text in a supported encoding, or text beyond the limits."""


class ResourceError(VnRepairError):
    """A dictionary file is missing, altered, or of a version that this release cannot read."""

    exit_code = 4


class EngineError(VnRepairError):
    """Tesseract could not do its work."""

    exit_code = 5


class EngineNotFoundError(EngineError):
    """The Tesseract program is not installed or not on the PATH."""


class LanguagePackError(EngineError):
    """Tesseract runs, but the language data asked for is not installed."""


class EngineTimeoutError(EngineError):
    """Tesseract did not finish a page within its time limit."""


class EngineFailedError(EngineError):
    """Tesseract ended with an error or printed what cannot be read."""
