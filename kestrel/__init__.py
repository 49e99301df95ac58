"""What every Kestrel process shares, and the command line with its supervisor."""
