"""`python -m vnrepair`, and the installed program: the command line."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; Ctrl-C ends it quietly while it still loads, too."""
    try:
        from vnrepair.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)  # 128 + SIGINT, as the command line itself does


if __name__ == "__main__":
    main()
