"""Whose files stand in the folder of `--debug`: ours are replaced, those of others never are."""

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from vnrepair.debug.render import GENERATOR
from vnrepair.errors import ConfigError

__all__ = ["INDEX", "clear_pages", "is_ours", "prepare_folder", "refuse_to_replace"]

INDEX = "index.html"
"""Name of every HTML page that is written."""

_PAGE_FOLDER = re.compile(r"page-\d{3,}")
_OWN_FILE = re.compile(r"(?:\d{2,}-[a-z0-9-]+|upright|words|blocks|thumb)\.(?:png|jpg)|index\.html")
_HEAD_BYTES = 1000  # of a HTML page: the generator stands among the first lines


def prepare_folder(folder: Path) -> None:
    """Make the folder where there is none yet; not the folders above it.

    Raises:
        ConfigError: It cannot be made, or holds an `index.html` of somebody else.
    """
    try:
        folder.mkdir(exist_ok=True)
    except FileExistsError as error:
        raise ConfigError(f"{folder}: is a file, not a folder: name another place") from error
    except FileNotFoundError as error:
        raise ConfigError(
            f"{folder}: the folder {folder.parent} does not exist: make it first"
        ) from error
    except OSError as error:
        reason = f"cannot be made ({error.strerror})"
        raise ConfigError(f"{folder}: {reason}: name another place") from error
    index = folder / INDEX
    if os.path.lexists(index) and not is_ours(index):
        raise ConfigError(
            f"{index}: was not written by --debug and would be replaced: name another folder"
        )


def refuse_to_replace(folder: Path, files: Iterable[Path]) -> None:
    """Refuse a folder in which one of these files has a name that we write to.

    Raises:
        ConfigError: It has.
    """
    for file in files:
        if any(_lies_in_our_place(folder, path) for path in (file.absolute(), file.resolve())):
            raise ConfigError(f"{file}: --debug {folder} would replace it: name another folder")


def is_ours(index: Path) -> bool:
    """Whether an HTML page is there and was written by us."""
    try:
        with index.open("rb") as file:
            return GENERATOR in file.read(_HEAD_BYTES)
    except OSError:
        return False


def clear_pages(folder: Path) -> None:
    """Remove the pages of an earlier run: files of our own names, and folders left empty."""
    try:
        pages = [path for path in folder.iterdir() if _PAGE_FOLDER.fullmatch(path.name)]
    except OSError:
        return  # there is no earlier run
    for page in pages:
        if page.is_symlink() or not page.is_dir():
            continue
        with contextlib.suppress(OSError):  # what cannot be removed is replaced or told later
            for path in page.iterdir():
                if _OWN_FILE.fullmatch(path.name) and not path.is_dir():
                    path.unlink()
            page.rmdir()  # fails where somebody else's files are in it, which stay


def _lies_in_our_place(folder: Path, file: Path) -> bool:
    for root in (folder.absolute(), folder.resolve()):
        if file.is_relative_to(root):
            *folders, name = file.relative_to(root).parts or ("",)
            if any(_PAGE_FOLDER.fullmatch(part) for part in folders):
                return True
            if not folders and name == INDEX:
                return True
    return False
