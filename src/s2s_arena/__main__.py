"""`python -m s2s_arena` is the command `s2s-arena`."""

from s2s_arena.cli.main import main

if __name__ == "__main__":
    main()
