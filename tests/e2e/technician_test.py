"""What a technician does with a caller on the phone: finds the laptop by the code that its screen shows, reads why, asks for
an early report, follows the fleet while the daemon restarts, and edits a policy with the wrong editor."""

import re
import subprocess
import time

from parc_world import BIN, World, wait_until


def keep_ports(world):
    """What restarts stays where clients look for it."""
    config = world.config.read_text()
    for name, number in world.ports.items():
        config = config.replace(f'{name} = "127.0.0.1:0"', f'{name} = "127.0.0.1:{number}"')
    world.config.write_text(config)


def find_by_support_code(world):
    english, french = (world.agent("status", "--lang", language).stdout for language in ("en", "fr"))
    code = re.search(r"^Support code for today: (\S+)$", english, re.M)[1]
    assert f"Code d'assistance du jour : {code}" in french, french
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", code), code
    for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " "), code.replace("0", "O").replace("1", "l")):
        first = world.parc("why", typed).stdout.splitlines()[0]
        assert first.startswith("PC-1: "), f"{typed}: {first}"
    assert world.parc_json("laptop", "show", code)["assetTag"] == "PC-1"
    # One digit misheard.
    other = code[:-1] + ("7" if code[-1] != "7" else "8")
    refused = world.parc("why", other, expect=3).stderr
    assert f"nor does one show the support code {other} today" in refused, refused
    # It names a laptop to who may look; it changes none.
    world.parc("return", code, expect=3)
    return code


def recheck(world, code):
    first = world.parc("recheck", code).stderr
    assert re.search(r"PC-1: asked for\. .* calls again in about 1[3-5] minutes; from then on it reports every 10 seconds", first), first
    world.agent("once")
    for _ in range(2):
        again = world.parc("recheck", "PC-1").stderr
        assert "reports every 10 seconds already; it does for ten minutes more" in again, again
    french = world.parc("recheck", "PC-1", "--lang", "fr").stderr
    assert "il rapporte déjà toutes les 10 secondes, et encore dix minutes" in french, french


def watch_through_a_restart(world):
    told, words = world.root / "watch.out", world.root / "watch.err"
    with told.open("w") as out, words.open("w") as err:
        watch = subprocess.Popen([BIN / "parc", "watch", "--count", "3"], stdout=out, stderr=err, env=world.environment)
    try:
        wait_until(lambda: "watching" in words.read_text(), "the watch's beginning")
        world.parc("lose", "PC-2", "--yes")
        wait_until(lambda: told.read_text().count("PC-2") == 1, "the first change")
        assert world.end() == 0
        wait_until(lambda: "the server went away" in words.read_text(), "the loss of the server")
        time.sleep(0.5)
        world.start()
        # Whether or not the watch is back by then, it tells of these.
        world.parc("found", "PC-2")
        world.parc("restock", "PC-2")
        assert watch.wait(60) == 0, words.read_text()
    finally:
        watch.kill()
        watch.wait()
    lines = told.read_text().splitlines()
    assert len(lines) == 3 and all("PC-2" in line for line in lines), lines
    assert "the server is back" in words.read_text(), words.read_text()


def edit_policy(world):
    policy = world.parc("policy", "show", "--toml").stdout
    old_editor = world.file("old.toml", policy.encode("cp1252"))
    line = 1 + next(i for i, text in enumerate(policy.splitlines()) if not text.isascii())
    refused = world.parc("policy", "check", old_editor, expect=2).stderr
    assert refused.startswith(f"parc: {old_editor}:{line}: this is not UTF-8"), refused
    wide = world.file("wide.toml", policy.encode("utf-16"))
    assert ":1: this is not UTF-8" in world.parc("policy", "preview", wide, expect=2).stderr
    # A line that no screen holds is shown around what is wrong.
    long = world.file("long.toml", policy.replace("passes = 'tpm2 = true'", f"passes = 'tpm2 = {'x' * 3000}'").encode())
    refused = world.parc("policy", "check", long, expect=2).stderr
    shown = refused.splitlines()
    assert len(shown[1]) < 130 and shown[2].index("^") == shown[1].index("xxx"), refused
    softer = world.file("softer.toml", policy.replace('severity = "blocker"', 'severity = "degrades"').encode())
    told = world.parc("policy", "apply", softer, "--dry-run").stderr
    assert "nothing was changed: this would be policy version 2" in told and "in force" not in told, told
    assert str(world.parc_json("policy", "show")["version"]) == "1"


def main():
    with World() as world:
        world.start()
        keep_ports(world)
        world.log_in()
        world.parc("import", "people", world.file("people.csv", b"Matricule;Nom;Population\np-1;Camille Roy;staff\n"))
        world.parc("import", "laptops", world.file("laptops.csv", "Étiquette;Modèle;État\nPC-1;X1;Prêt\nPC-2;X1;Prêt\n".encode()))
        world.parc("assign", "PC-1", "p-1")
        (world.root / "agent.toml").write_text("")
        world.agent("enrol", "-", stdin=world.parc("enrol", "new", "--laptop", "PC-1").stdout)
        world.agent("once")
        code = find_by_support_code(world)
        recheck(world, code)
        edit_policy(world)
        watch_through_a_restart(world)


if __name__ == "__main__":
    main()
