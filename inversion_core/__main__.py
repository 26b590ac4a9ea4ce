"""`python -m inversion_core`."""

from inversion_core.cli import app

if __name__ == "__main__":
    app(prog_name="python -m inversion_core")
