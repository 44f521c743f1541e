"""The manifest of the dictionaries: what each file is, and whether it is still the same."""

import functools
import hashlib
import json
from pathlib import Path
from typing import Any

from vnrepair.errors import ResourceError
from vnrepair.restore.arrays import load_arrays
from vnrepair.restore.language_model import NgramLanguageModel, unpack_language_model

__all__ = [
    "FORMAT_VERSION",
    "LANGUAGE_MODEL_FILE",
    "REQUIRED_FILES",
    "load_language_model",
    "verify",
]

FORMAT_VERSION = 1
LANGUAGE_MODEL_FILE = "language_model.bin"
REQUIRED_FILES = frozenset(
    ("words.tsv", "case_transitions.tsv", "id_symbols.tsv", LANGUAGE_MODEL_FILE)
)
"""What every profile loads, and what a manifest therefore has to list."""


def verify(folder: Path) -> dict[str, Any]:
    """Check every file of a dictionary folder against its manifest, once per process.

    Returns:
        The manifest.

    Raises:
        ResourceError: A file is missing, altered or not listed, or the manifest is of another
            version.
    """
    try:
        return _verify(folder.resolve())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ResourceError(
            f"{folder}: no dictionaries there (no manifest.json): check --dictionaries"
        ) from error


@functools.lru_cache(maxsize=8)
def _verify(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    advice = "install vnrepair again, or rebuild with `vnrepair learn build`"
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        version = manifest["format_version"]
        digests = {name: str(entry["sha256"]) for name, entry in manifest["files"].items()}
    except (FileNotFoundError, NotADirectoryError):
        raise  # `verify` knows the name that the folder was given by
    except OSError as error:
        raise ResourceError(f"{path}: cannot be read ({error.strerror}); {advice}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ResourceError(f"{path}: cannot be read ({error}); {advice}") from error
    if type(version) is not int or version != FORMAT_VERSION:
        raise ResourceError(
            f"{path}: format version {version!r}, but this release reads {FORMAT_VERSION}; {advice}"
        )
    if unlisted := REQUIRED_FILES - digests.keys():
        raise ResourceError(f"{path}: does not list {', '.join(sorted(unlisted))}; {advice}")
    for name, expected in digests.items():
        file = folder / name
        try:
            with file.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise ResourceError(f"{file}: missing or unreadable; {advice}") from error
        if digest != expected:
            raise ResourceError(f"{file}: altered since it was built (sha256 differs); {advice}")
    return manifest


def load_language_model(folder: Path) -> NgramLanguageModel:
    """Verify the folder and map its language model.

    Raises:
        ResourceError: See `verify`.
    """
    verify(folder)
    arrays, _ = load_arrays(folder / LANGUAGE_MODEL_FILE)
    return unpack_language_model(arrays)
