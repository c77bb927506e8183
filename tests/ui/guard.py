#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Keep or go back on a scripted hypervisor that several processes share. Usage: guard.py PROGRAM. Speaks TAP."""
import concurrent.futures, json, os, pathlib, resource, signal, socket, struct, subprocess, sys, tempfile, time

program = os.path.abspath(sys.argv[1])
folder = tempfile.TemporaryDirectory()

SCRIPT = """[host]
name=kvm07
local=yes
shared=world
total=126G
available=60G
{host}

[domain db]
id=6695eb01-f6a4-8304-79aa-97f2502e193f
live.hard_limit=8G
config.hard_limit=8G
both.soft_limit=none
held=4G
droppable=1G
throttled=0
oom_kills={kills}
psi_full=0
{more}
"""


class Failed(Exception):
    pass


def until(condition, what, seconds=40):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise Failed(f"not within {seconds} s: {what}")


class World:
    """One scripted host, and the journal that belongs to it."""

    def __init__(self, name, host="", kills="0", more=""):
        self.folder = pathlib.Path(folder.name) / name
        self.folder.mkdir()
        self.script = self.folder / "script"
        self.script.write_text(SCRIPT.format(host=host, kills=kills, more=more))
        self.environment = {**os.environ, "VIRT_MEMTUNE_JOURNAL": str(self.folder / "journal"), "HOME": str(self.folder)}

    def run(self, *words, status=0, largest=None):
        """`largest`: so many bytes may a file have."""
        limit = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))) if largest else None
        done = subprocess.run([program, "-c", f"fake://{self.script}", *words], capture_output=True, text=True,
                              timeout=90, stdin=subprocess.DEVNULL, env=self.environment, preexec_fn=limit)
        if status is not None and done.returncode != status:
            raise Failed(f"{words}: status {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
        return done

    def confirm(self, *words, **how):
        done = self.run("set", "--json", "--confirm", "15", "db", *(words or ["hard=6G"]), **how)
        return json.loads(done.stdout)

    def values(self, live, config):
        shown = json.loads(self.run("show", "--json", "db").stdout)["domains"][0]["tunables"]["hard_limit"]
        if (shown["live"] >> 30, shown["config"] >> 30) != (live, config):
            raise Failed(f"{shown}, not {live} and {config}")

    def notes(self, batch):
        lines = self.run("journal", "--json", batch).stdout.splitlines()
        return [entry["code"] for entry in map(json.loads, lines) if entry["record"] == "note"]

    def plan(self, batch):
        return self.folder / f"journal/guards/{batch}.guard"

    def guard(self, batch):
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if any(os.readlink(fd) == str(self.plan(batch)) for fd in (process / "fd").iterdir()):
                    return process
            except OSError:
                pass
        raise Failed("there is no guard")

    def ended(self, batch, code):
        until(lambda: not self.plan(batch).exists(), "the guard ends")
        if '"seen"' in self.run("journal", "--json").stdout and code != "left":
            raise Failed("what was ours is somebody else's: " + self.run("journal").stdout)
        if self.notes(batch)[-1:] != [code]:
            raise Failed(f"{code}, but the journal has {self.notes(batch)}")


class Raw:
    """A guard of our own, over its socket: says what no program of ours would."""

    def __init__(self, world):
        batch = world.confirm()["id"]
        plan = json.loads(world.plan(batch).read_text().splitlines()[0])
        world.run("back", batch)
        self.batch = batch[:-4] + f"{int(batch[-4:], 16) ^ 1:04x}"
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(60)
        self.process = subprocess.Popen(["virt-memtune", "guard"], executable=program, preexec_fn=lambda: os.dup2(theirs.fileno(), 3),
                                        pass_fds=[3], env=world.environment, stdin=subprocess.DEVNULL)
        theirs.close()
        self.say("plan", **{**plan, "batch": self.batch, "uris": [f"fake://{world.script}"]})

    def say(self, message, **members):
        body = json.dumps({"message": message, **members}).encode()
        self.socket.sendall(struct.pack("=II", 1, len(body)) + body)

    def take(self, size):
        taken = b""
        while len(taken) < size:
            more = self.socket.recv(size - len(taken))
            if not more:
                raise Failed("it has gone")
            taken += more
        return taken

    def until(self, phase):
        while True:
            state = json.loads(self.take(struct.unpack("=II", self.take(8))[1]))
            if state.get("phase") == phase:
                return state
            if state.get("phase") == "ended":
                raise Failed(state)


def keep_after_the_time_is_too_late_although_nobody_noticed_that_it_is_over(world):
    raw = Raw(world)
    raw.until("armed")
    raw.say("begin")
    raw.until("counting")
    raw.say("written")
    begun = time.monotonic()
    os.kill(raw.process.pid, signal.SIGSTOP)
    raw.say("commit")
    until(lambda: time.monotonic() - begun > 15.5, "the time is over")
    os.kill(raw.process.pid, signal.SIGCONT)
    state = raw.until("ended")
    if state["ending"] != "gone_back" or not state["too_late"]:
        raise Failed(state)
    raw.process.wait(30)


def keeping_writes_the_persistent_value_and_not_before(world):
    batch = world.confirm()["id"]
    world.values(6, 8)
    world.run("keep", batch)
    world.values(6, 6)
    world.ended(batch, "kept")


def going_back_brings_the_old_value(world):
    batch = world.confirm()["id"]
    world.run("back", batch)
    world.values(8, 8)
    world.ended(batch, "gone_back")
    world.run("keep", batch, status=9)
    world.run("back", batch)


def nothing_is_left_for_undo_after_it_went_back(world):
    batch = world.confirm()["id"]
    world.run("back", batch)
    if "nothing of" not in world.run("undo", batch, status=None).stderr:
        raise Failed("undo finds something")


def undo_takes_back_what_was_kept(world):
    batch = world.confirm()["id"]
    world.run("keep", batch)
    world.run("undo", batch)
    world.values(8, 8)


def time_goes_back(world):
    begin = time.monotonic()
    batch = world.confirm()["id"]
    world.ended(batch, "gone_back")
    if not 14 < time.monotonic() - begin < 30:
        raise Failed(f"after {time.monotonic() - begin} s")
    world.values(8, 8)


def a_kill_in_the_countdown_goes_back_at_once(world):
    begin = time.monotonic()
    batch = world.confirm()["id"]
    world.ended(batch, "gone_back")
    if time.monotonic() - begin > 13:
        raise Failed("only when the time was over")
    world.values(8, 8)


def a_guard_that_takes_long_to_go_back_is_waited_for(world):
    said = world.confirm("--live", "hard=6G", status=9)
    if [result["outcome"] for result in said["results"]] != ["gone-back"]:
        raise Failed(said)
    world.values(8, 8)
    world.ended(said["id"], "gone_back")


def a_domain_of_unknown_state_has_not_ended(world):
    batch = world.confirm()["id"]
    until(lambda: "inaccessible" in world.run("journal", batch).stdout, "it goes back for its state")
    world.ended(batch, "gone_back")
    world.values(8, 8)


def what_cannot_be_written_is_not_adopted_and_not_forgotten(world):
    batch = world.confirm()["id"]
    os.kill(int(world.guard(batch).name), signal.SIGKILL)
    script = world.script.read_text()
    world.script.write_text(script.replace("held=4G", "held=4G\nlocked.hard_limit=permission: not for you"))
    said = world.run("back", batch, status=1)
    if "not for you" not in said.stderr or not world.plan(batch).exists():
        raise Failed(said.stdout + said.stderr)
    world.script.write_text(script)
    world.run("back", batch)
    world.values(8, 8)
    world.ended(batch, "gone_back")


def what_was_not_read_back_has_not_gone_back(world):
    begin = time.monotonic()
    batch = world.confirm()["id"]
    world.ended(batch, "gone_back")
    if time.monotonic() - begin < 15:
        raise Failed("it went by what was accepted")
    world.values(8, 8)


def a_guard_that_died_is_told_of_and_taken_over(world):
    batch = world.confirm()["id"]
    os.kill(int(world.guard(batch).name), signal.SIGKILL)
    until(lambda: batch in world.run("journal").stderr, "the journal says so")
    world.values(6, 8)
    world.run("back", batch)
    world.values(8, 8)
    world.ended(batch, "gone_back")


def one_that_died_after_it_was_kept_is_not_taken_back(world):
    batch = world.confirm()["id"]
    os.kill(int(world.guard(batch).name), signal.SIGKILL)
    with world.plan(batch).open("a") as plan:
        plan.write('{"committed":true}\n')
    said = world.run("back", batch, status=1)
    if "kept (it was kept before its guard died)" not in said.stderr:
        raise Failed(said.stdout + said.stderr)
    world.values(6, 6)
    world.ended(batch, "kept")


def it_is_a_process_of_its_own(world):
    batch = world.confirm()["id"]
    process = world.guard(batch)
    status = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines() if ":\t" in line)
    session, terminal = (process / "stat").read_text().rsplit(")", 1)[1].split()[3:5]
    fds = {int(fd.name): os.readlink(fd) for fd in (process / "fd").iterdir()}
    if os.getsid(int(process.name)) == os.getsid(0) or terminal != "0" or session == str(os.getsid(0)):
        raise Failed("it is in the session of who started it")
    if [fds[0], fds[1], fds[2]] != ["/dev/null"] * 3:
        raise Failed(f"its standard files are {fds}")
    if int(status["PPid"].strip()) == os.getpid():
        raise Failed("it is somebody's child")
    if os.path.realpath(process / "cwd") != "/":
        raise Failed("it holds a folder")
    if b"secret" in (process / "cmdline").read_bytes() or len((process / "cmdline").read_bytes().split(b"\0")) != 3:
        raise Failed("its arguments tell something")
    if os.geteuid() == 0 and (process / "oom_score_adj").read_text().strip() not in ("-1000", "-500", "0"):
        raise Failed("it is killed as any other")
    world.run("back", batch)


def what_cannot_be_saved_is_reported(world):
    batch = world.confirm()["id"]
    world.run("set", "db", "hard=9G", "--config")
    done = world.run("keep", batch, status=3)
    if "not all of it is saved" not in done.stderr or "conflict" not in done.stdout:
        raise Failed(done.stdout + done.stderr)
    world.values(6, 9)
    world.ended(batch, "kept_unsaved")


def a_host_that_cannot_be_written_gets_no_guard(world):
    said = world.confirm(status=1)
    if "no guard" not in said["error"] or any(r["outcome"] != "skipped" for r in said["results"]):
        raise Failed(said)
    world.values(8, 8)


def a_plan_that_cannot_say_that_it_has_begun_begins_nothing(world):
    batch = world.confirm()["id"]
    plan = world.plan(batch).read_bytes().index(b"\n") + 1
    world.run("back", batch)
    said = world.confirm("hard=6G", "--allow=no_journal", largest=plan + 4, status=1)
    if "no guard" not in said["error"] or "/guards/" not in said["error"]:
        raise Failed(said)
    world.values(8, 8)


def what_cannot_be_recorded_goes_back_all_the_same_and_says_so(world):
    batch = world.confirm()["id"]
    journal = world.folder / "journal/journal.jsonl"
    journal.unlink()
    journal.mkdir()
    said = world.run("back", batch)
    if "not recorded: " not in said.stderr or "journal.jsonl" not in said.stderr:
        raise Failed(said.stderr)
    world.values(8, 8)


def others_change_it_and_it_is_left_alone(world):
    batch = world.confirm()["id"]
    world.run("set", "db", "hard=7G", "--live")
    said = json.loads(world.run("back", "--json", batch, status=3).stdout)
    if said["ending"] != "left" or "somebody else" not in said["results"][0]["text"]:
        raise Failed(said)
    world.values(7, 8)
    world.ended(batch, "left")


def a_password_is_asked_once_and_is_in_no_file_and_no_argument(world):
    words = [program, "-c", f"fake://{world.script}", "set", "db", "hard=6G", "--confirm", "15"]
    parent, child = os.openpty()
    process = subprocess.Popen(["setsid", "-c", *words], stdin=child, stdout=child, stderr=child, env=world.environment)
    os.close(child)
    said = b""
    asked = 0
    while b"unless kept" not in said:
        said += os.read(parent, 4096)
        if said.count(b"of kvm07: ") > asked:
            asked += 1
            os.write(parent, b"hunter2\n")
    process.wait(60)
    os.close(parent)
    batch = said.split(b"virt-memtune keep ")[1].split()[0].decode()
    if asked != 1:
        raise Failed(f"asked {asked} times")
    if b"hunter2" in said or b"hunter2" in (world.guard(batch) / "cmdline").read_bytes():
        raise Failed("it can be seen")
    if subprocess.run(["grep", "-r", "-q", "hunter2", world.folder]).returncode == 0:
        raise Failed("it is in a file")
    world.run("back", batch)
    world.ended(batch, "gone_back")


CASES = [
    (keeping_writes_the_persistent_value_and_not_before, {}),
    (going_back_brings_the_old_value, {}),
    (nothing_is_left_for_undo_after_it_went_back, {}),
    (undo_takes_back_what_was_kept, {}),
    (time_goes_back, {}),
    (keep_after_the_time_is_too_late_although_nobody_noticed_that_it_is_over, {}),
    (a_kill_in_the_countdown_goes_back_at_once, {"kills": "0; 1@+5s"}),
    # It has reasons of its own while the live value is still being written.
    (a_guard_that_takes_long_to_go_back_is_waited_for, {"kills": "0; 1@+5s", "host": "apply_delay=7s"}),
    (a_domain_of_unknown_state_has_not_ended,
     {"more": "[event +6s]\ndb/state=inaccessible\n[event +10s]\ndb/state=running"}),
    (what_cannot_be_written_is_not_adopted_and_not_forgotten, {}),
    # It goes back at 6 s, which takes 3 s; nothing can be read from the 8th second to the 15th.
    (what_was_not_read_back_has_not_gone_back,
     {"kills": "0; 1@+6s", "host": "apply_delay=3s",
      "more": "[event +8s]\nhost/sample_error=connection: no answer\n[event +15s]\nhost/sample_error="}),
    (a_guard_that_died_is_told_of_and_taken_over, {}),
    (one_that_died_after_it_was_kept_is_not_taken_back, {}),
    (it_is_a_process_of_its_own, {}),
    (what_cannot_be_saved_is_reported, {}),
    (a_host_that_cannot_be_written_gets_no_guard, {"host": "write_error=permission: not for you"}),
    (a_plan_that_cannot_say_that_it_has_begun_begins_nothing, {}),
    (what_cannot_be_recorded_goes_back_all_the_same_and_says_so, {}),
    (others_change_it_and_it_is_left_alone, {}),
    (a_password_is_asked_once_and_is_in_no_file_and_no_argument, {"host": "ask=Password of kvm07"}),
]


def once(number_case):
    number, (case, more) = number_case
    try:
        world = World(f"w{number}", **more)
        case(world)
        return None
    except Exception as error:
        return str(error)


with concurrent.futures.ThreadPoolExecutor(4) as pool:
    for number, (why, (case, _)) in enumerate(zip(pool.map(once, enumerate(CASES)), CASES), 1):
        print("not ok" if why else "ok", number, "-", case.__name__.replace("_", " "), flush=True)
        if why:
            print("#", why.replace("\n", "\n# "))
print(f"1..{len(CASES)}")
