"""`python -m vnrepair`: the command line."""

from vnrepair.cli import main

if __name__ == "__main__":
    main()
