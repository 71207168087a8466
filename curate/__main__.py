"""`python -m curate`: the command line, where no `curate` is on the path, as on many a Windows."""

from curate.cli import main

if __name__ == "__main__":  # the processes that `curate` starts import their parent's main module
    main()
