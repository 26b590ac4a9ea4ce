"""What an installation may set: every field is an environment variable with the prefix `INVERSION_`."""

import os
from functools import lru_cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"


class Settings(BaseSettings):
    """Folders, workers and limits of this installation."""

    model_config = SettingsConfigDict(env_prefix="INVERSION_", extra="ignore")

    data_folder: Path = Field(
        ROOT / ".inversion", description="Where runs, weights and rendered photos are kept."
    )
    store_url: str = Field(
        "", description="SQLAlchemy URL of the run store; empty means SQLite in the data folder."
    )
    artifacts_url: str = Field(
        "", description="fsspec URL of the artifacts; empty means a folder in the data folder."
    )
    cluster: str = Field("", description="Address of a Dask scheduler; empty means workers on this machine.")
    workers: int = Field(2, ge=1, le=64, description="Worker processes of the embedded engine.")
    threads: int = Field(1, ge=1, le=64, description="Torch threads in each worker, for training.")
    lanes: int = Field(
        default_factory=lambda: min(len(os.sched_getaffinity(0)), 8),
        ge=1,
        le=64,
        description="Parts of one batch that each worker computes at once; all cores, 8 at most.",
    )
    allowed_hosts: str = Field(
        "",
        description="Hosts that http-target may ask, separated by commas: host for a public one, host:port "
        "for any, such as 127.0.0.1:8600.",
    )
    max_pixels: int = Field(40_000_000, ge=1, description="Largest picture that is decoded, in pixels.")

    @property
    def store(self) -> str:
        """URL of the run store in force."""
        return self.store_url or f"sqlite:///{self.data_folder.resolve() / 'runs.sqlite'}"

    @property
    def artifacts(self) -> str:
        """URL of the artifact folder in force."""
        return self.artifacts_url or str(self.data_folder.resolve() / "artifacts")

    @property
    def cache(self) -> Path:
        """Folder for what can be computed again: trained weights, rendered photos."""
        return self.data_folder.resolve() / "cache"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()
