"""A laptop with little to look at, so that a contact is its network and nothing else: no apt, no probes."""

import uuid


def make_bare_machine(world):
    """What the agents of `world` take for the machine that they run on."""
    root = world.root / "machine"
    for name, text in (("etc/os-release", "ID=debian\nVERSION_ID=12\n"), ("proc/sys/kernel/random/boot_id", f"{uuid.uuid4()}\n")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (world.root / "agent.toml").write_text(f'root = "{root}"\n')
