"""``python -m kestrel``: the command line."""

from kestrel.cli import main

main()
