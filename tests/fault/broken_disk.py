"""A disk that breaks under the installed daemon: fault_preload.so between its SQLite and the system."""

import contextlib
import os

from parc_world import World


class BrokenDisk:
    """What the disk of one world does."""

    def __init__(self, world):
        self.file = world.root / "disk"
        self.file.write_text("")
        sanitizers = os.environ.get("ASAN_OPTIONS", "")
        world.daemon_environment.update(
            LD_PRELOAD=os.environ["PARC_FAULT_PRELOAD"],
            PARC_FAULT_FILE=str(self.file),
            ASAN_OPTIONS=f"{sanitizers}:verify_asan_link_order=0".lstrip(":"),
        )

    def does(self, what):
        # Whole at once: the daemon reads it at any time.
        new = self.file.with_suffix(".new")
        new.write_text(what)
        new.rename(self.file)


@contextlib.contextmanager
def world_on_broken_disk():
    with World() as world:
        yield world, BrokenDisk(world)
