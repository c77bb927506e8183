#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A stand-in of vzctl, vzlist and user_beancounters.py of one generation (4, 7, 9).

Installed as DIR/usr/sbin/NAME; DIR is its whole world:
  DIR/standin.json                     {"generation": 4, "vswap": false, "dump": true}
  DIR/etc/vz/conf/ID.conf, etc/vz/names/NAME (a link to the file)
  DIR/proc/user_beancounters, proc/bc  what the kernel shows (4, 7), written anew after each set
  DIR/lists                            grows by one byte for each call of vzlist
  DIR/kernel/ID.json                   the counters of a running container: what the kernel keeps
What it prints, its exit status and what it does to files match the transcripts in
tests/fixtures/openvz; transcript.py compares.
"""
import json
import os
import re
import sys

LONG_MAX = 2**63 - 1
PAGE = 4096
# Kernel order, and what a bare number counts.
COUNTERS = [("kmemsize", "b"), ("lockedpages", "p"), ("privvmpages", "p"), ("shmpages", "p"),
            ("dummy", None), ("numproc", "n"), ("physpages", "p"), ("vmguarpages", "p"),
            ("oomguarpages", "p"), ("numtcpsock", "n"), ("numflock", "n"), ("numpty", "n"),
            ("numsiginfo", "n"), ("tcpsndbuf", "b"), ("tcprcvbuf", "b"), ("othersockbuf", "b"),
            ("dgramrcvbuf", "b"), ("numothersock", "n"), ("dcachesize", "b"), ("numfile", "n"),
            ("dummy", None), ("dummy", None), ("dummy", None), ("numiptent", "n"),
            ("swappages", "p")]
UNITS = {name: unit for name, unit in COUNTERS if unit}
SEVEN_DROPS = {"oomguarpages", "dcachesize", "numtcpsock", "tcpsndbuf", "tcprcvbuf",
               "othersockbuf", "dgramrcvbuf", "numothersock"}
NINE_IGNORES = set(UNITS) - {"physpages", "swappages", "kmemsize"}
FIELDS = ["held", "maxheld", "barrier", "limit", "failcnt"]

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(sys.argv[0]))))
WORLD = json.load(open(os.path.join(ROOT, "standin.json")))
GENERATION = WORLD["generation"]
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def path(*parts):
    return os.path.join(ROOT, *parts)


def out(text):
    sys.stdout.write(text + "\n")


def err(text):
    sys.stderr.write(text + "\n")


def end(status):
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


# --- numbers and configurations ------------------------------------------------------------

def number(text, unit):
    """One number as vzctl reads it, or None."""
    if text == "unlimited":
        return LONG_MAX
    match = re.match(r"(\d*)((?:\.\d*)?)([A-Za-z]?)$", text)
    if not match or (match.group(2) and not match.group(1)):
        return None
    whole = int(match.group(1) or 0)
    suffix = match.group(3).upper()
    if suffix == "":
        return whole if whole <= LONG_MAX else None
    scale = {"B": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40, "P": PAGE}.get(suffix)
    if scale is None or unit == "n" or (suffix == "P" and GENERATION >= 7):
        return None
    value = int(float(match.group(1) + match.group(2)) * scale) if match.group(2) else whole * scale
    return min(value // (PAGE if unit == "p" else 1), LONG_MAX)


def pair(text, unit):
    parts = text.split(":")
    if len(parts) > 2:
        return None
    numbers = [number(part, unit) for part in parts]
    if None in numbers:
        return None
    return (numbers * 2)[:2]


def pair_text(limits):
    if GENERATION >= 7:
        return "%d:%d" % tuple(limits)
    words = ["unlimited" if n == LONG_MAX else str(n) for n in limits]
    return words[0] if words[0] == words[1] else ":".join(words)


def conf_path(ctid):
    return path("etc/vz/conf", ctid + ".conf")


def conf_read(ctid):
    values = {}
    try:
        lines = open(conf_path(ctid)).read().split("\n")
    except FileNotFoundError:
        return None
    for line in lines:
        match = re.match(r"\s*([A-Z_0-9]+)=(.*)$", line)
        if match:
            value = match.group(2)
            values[match.group(1)] = value[1:].rsplit('"', 1)[0] if value[:1] == '"' else value
    return values


def conf_save(ctid, changes):
    """The first line of a key is rewritten, new keys go to the end."""
    file = conf_path(ctid)
    lines = open(file).read().split("\n") if os.path.exists(file) else []
    while lines and lines[-1] == "":
        lines.pop()
    for key, value in changes.items():
        line = '%s="%s"' % (key, value)
        for i, old in enumerate(lines):
            if re.match(r"\s*%s=" % key, old):
                lines[i] = line
                break
        else:
            lines.append(line)
    with open(file + ".tmp", "w") as new:
        new.write("\n".join(lines) + "\n")
    os.rename(file + ".tmp", file)


def conf_pair(conf, name):
    limits = pair(conf[name.upper()], UNITS[name]) if name.upper() in conf else None
    return limits or [0, 0]


def all_ids():
    ids = [f[:-5] for f in os.listdir(path("etc/vz/conf")) if f.endswith(".conf")]
    return sorted((i for i in ids if i != "0" and (i.isdigit() or UUID.match(i))),
                  key=lambda i: (not i.isdigit(), int(i) if i.isdigit() else 0, i))


# --- the kernel ----------------------------------------------------------------------------

def kernel_read(ctid):
    try:
        return json.load(open(path("kernel", ctid + ".json")))
    except FileNotFoundError:
        return None


def block(ctid, counters, width, names):
    lines = []
    for i, name in enumerate(names):
        row = counters.get(name) or dict.fromkeys(FIELDS, 0)
        head = "%*s%s" % (width, ctid if i == 0 else "", ":" if i == 0 else " ")
        lines.append("%s %-12s %s" % (head, name, " ".join("%20d" % row[f] for f in FIELDS)))
    return lines


def heading(width):
    return ["Version: 2.5", "%*s  %-12s %s" % (width, "uid", "resource",
                                               " ".join("%20s" % f for f in FIELDS))]


def kernel_show():
    """The files of /proc."""
    if GENERATION >= 9:
        return
    counted = [f[:-5] for f in os.listdir(path("kernel"))]
    counted.sort(key=lambda i: (i == "0", not i.isdigit(), int(i) if i.isdigit() else 0))
    old = [name for name, _ in COUNTERS][:24]
    new = [name for name, unit in COUNTERS if unit]
    os.makedirs(path("proc/bc"), exist_ok=True)
    with open(path("proc/user_beancounters"), "w") as ubc, open(path("proc/bc/resources"), "w") as bc:
        ubc.write("\n".join(heading(10)) + "\n")
        bc.write("\n".join(heading(10)) + "\n")
        for ctid in counted:
            counters = kernel_read(ctid)
            ubc.write("\n".join(block(ctid, counters, 10, old)) + "\n")
            bc.write("\n".join(block(ctid, counters, 10, new)) + "\n")
            os.makedirs(path("proc/bc", ctid), exist_ok=True)
            with open(path("proc/bc", ctid, "resources"), "w") as own:
                own.write("\n".join(block("", counters, 10, new)).replace(":", " ", 1) + "\n")
    if not WORLD.get("bc", True):
        for directory, _, files in os.walk(path("proc/bc"), topdown=False):
            for file in files:
                os.unlink(os.path.join(directory, file))
            os.rmdir(directory)


def kernel_set(ctid, limits):
    counters = kernel_read(ctid)
    for name, (barrier, limit) in limits.items():
        if GENERATION >= 9 and name in NINE_IGNORES:
            continue
        counters[name]["barrier"], counters[name]["limit"] = barrier, limit
    with open(path("kernel", ctid + ".json"), "w") as file:
        json.dump(counters, file)
    kernel_show()


# --- vzctl ---------------------------------------------------------------------------------

def resolve(word):
    """An id, or None."""
    if word.isdigit() or (GENERATION >= 7 and UUID.match(word)):
        return word
    link = path("etc/vz/names", word)
    if "/" not in word and os.path.islink(link):
        return os.path.basename(os.readlink(link))[:-5]
    return None


def bad_parameter(option, value):
    if GENERATION >= 7:
        err("An incorrect value: (null)")
    err("Bad parameter for --%s: %s" % (option, value))
    end(21)


def parse_set(words):
    limits, changes, flags = {}, {}, set()
    words = list(words)
    while words:
        option = words.pop(0)
        name = option[2:]
        if option in ("--save", "--force", "--reset_ub"):
            flags.add(name)
            continue
        if not option.startswith("--") or not words:
            err("vzctl: unrecognized option '%s'" % option)
            end(21)
        value = words.pop(0)
        if name in UNITS:
            if GENERATION >= 7 and name in SEVEN_DROPS:
                out("Warning: %s parameter is deprecated" % name.upper())
                continue
            limits[name] = pair(value, UNITS[name])
            if limits[name] is None:
                bad_parameter(name, value)
        elif name in ("ram", "swap"):
            if GENERATION < 7 and not WORLD["vswap"] and "force" not in flags and not WORLD.get(
                    "transcript"):
                err("Error: kernel does not support vswap, unable to use --ram/--swap parameters")
                end(3)
            size = number(value, "b")
            if size is None:
                bad_parameter(name, value)
            pages = size // PAGE if GENERATION >= 7 else -(-size // PAGE)
            limits["physpages" if name == "ram" else "swappages"] = \
                [pages, pages] if GENERATION >= 7 else [0, pages]
        elif name == "memguarantee" and GENERATION >= 7:
            if value != "auto" and not (value.isdigit() and int(value) <= 100):
                bad_parameter(name, value)
            changes["MEMGUARANTEE"] = value
        elif name == "vm_overcommit":
            changes["VM_OVERCOMMIT"] = value
        else:
            err("vzctl: unrecognized option '%s'" % option)
            end(21)
    return limits, changes, flags


def set_legacy(ctid, limits, changes, flags, running):
    save = "save" in flags
    if not save and not running and limits:
        err("Unable to apply UBC parameters: container is not running")
        end(31)
    if running and limits:
        kernel_set(ctid, limits)
        out("UB limits were set successfully")
        if "privvmpages" in limits:
            out("Warning: meminfo feature is not supported by kernel, skipped meminfo configure")
    if not save:
        out("WARNING: Settings were not saved to config and will be lost after CT restart "
            "(use --save flag)")
        return
    if not os.path.exists(conf_path(ctid)):
        err("WARNING: /etc/vz/conf/%s.conf not found: No such file or directory" % ctid)
    for name, value in limits.items():
        changes[name.upper()] = pair_text(value)
    conf_save(ctid, changes)
    out("CT configuration saved to /etc/vz/conf/%s.conf" % ctid)


def set_seven(ctid, limits, changes, flags, running):
    if running and limits:
        kernel_set(ctid, limits)
    if "save" not in flags:
        out("WARNING: Changes are not saved and will be dropped on the next start. Suspend or "
            "migrate operations may fail. Use --save to save the settings in the configuration "
            "file.")
        return
    for name, value in limits.items():
        changes[name.upper()] = pair_text(value)
    conf_save(ctid, changes)
    out("Saved parameters for Container " + ctid)


def vzctl(words):
    quiet = False
    while words and words[0] in ("--quiet", "--skiplock", "--verbose"):
        quiet = quiet or words[0] == "--quiet"
        words = words[1:]
    if quiet:
        null = os.open("/dev/null", os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
    if words[:1] == ["--version"]:
        out("vzctl version 4.11.1-3.ga3f732ef" if GENERATION < 7 else "vzctl v.%d" % GENERATION)
        end(0)
    if len(words) < 2 or words[0] not in ("set", "status"):
        err("Bad command: " + " ".join(words[:1]))
        end(20)
    ctid = resolve(words[1])
    if ctid is None or (GENERATION >= 7 and not os.path.exists(conf_path(ctid))):
        err(("Invalid ctid is specified: " if GENERATION >= 7 else "Bad CT ID ") + words[1])
        end(21)
    running = kernel_read(ctid) is not None
    if words[0] == "status":
        out("VEID %s exist unmounted %s" % (ctid, "running" if running else "down"))
        end(0)
    if os.path.exists(path("vz/lock", ctid + ".lck")):
        err("Container already locked")
        end(9)
    log = path("calls.log")
    with open(log, "a") as file:
        file.write(json.dumps(words) + "\n")
    limits, changes, flags = parse_set(words[2:])
    (set_seven if GENERATION >= 7 else set_legacy)(ctid, limits, changes, flags, running)
    end(0)


# --- vzlist --------------------------------------------------------------------------------

TEXT = {"name": ("NAME", 32), "hostname": ("HOSTNAME", 32), "status": ("STATUS", 9),
        "ip": ("IP_ADDR" if GENERATION < 7 else "CFG_IP_ADDR", 15)}
HEADS = {"numproc": "NPROC", "lockedpages": "LOCKEDP", "privvmpages": "PRIVVMP", "shmpages": "SHMP",
         "physpages": "PHYSP", "vmguarpages": "VMGUARP", "oomguarpages": "OOMGUARP",
         "numtcpsock": "NTCPSOCK", "numflock": "NFLOCK", "numpty": "NPTY",
         "numsiginfo": "NSIGINFO", "tcpsndbuf": "TCPSNDB", "tcprcvbuf": "TCPRCVB",
         "othersockbuf": "OTHSOCKB", "dgramrcvbuf": "DGRAMRB", "numothersock": "NOTHSOCK",
         "dcachesize": "DCACHESZ", "numfile": "NFILE", "numiptent": "NIPTENT",
         "swappages": "SWAPP", "kmemsize": "KMEMSIZE"}
SUFFIXES = {"": "held", "m": "maxheld", "b": "barrier", "l": "limit", "f": "failcnt"}
BEFORE = """ctid CTID|veid CTID|vpsid CTID|private PRIVATE|root ROOT|mount_opts MOUNT_OPTS|
origin_sample ORIGIN_SAMPLE|hostname HOSTNAME|name NAME|smart_name SMARTNAME|
description DESCRIPTION|ostemplate OSTEMPLATE|ip IP_ADDR|nameserver NAMESERVER|
searchdomain SEARCHDOMAIN|status STATUS""".replace("\n", "").split("|")
AFTER = """diskspace DSPACE|diskspace.s DSPACE.S|diskspace.h DSPACE.H|diskinodes DINODES|
diskinodes.s DINODES.S|diskinodes.h DINODES.H|laverage LAVERAGE|uptime UPTIME|cpulimit CPULIM|
cpuunits CPUUNI|cpus CPUS|ioprio IOP|iolimit IOLIMIT|iopslimit IOPS|onboot ONBOOT|
bootorder BOOTORDER|layout LAYOUT|features FEATURES|vswap VSWAP|disabled DISABL|
vm_overcommit VM_OVC|netfilter NETFILTER|capability CAPABILITY""".replace("\n", "").split("|")
ORDER = ["kmemsize", "lockedpages", "privvmpages", "shmpages", "numproc", "physpages",
         "vmguarpages", "oomguarpages", "numtcpsock", "numflock", "numpty", "numsiginfo",
         "tcpsndbuf", "tcprcvbuf", "othersockbuf", "dgramrcvbuf", "numothersock", "dcachesize",
         "numfile", "numiptent", "swappages"]


def field_known(field):
    name, _, suffix = field.partition(".")
    if field == "ctid" and WORLD.get("old_ids"):
        return False
    if field in TEXT or field in ("ctid", "veid", "uuid" if GENERATION >= 7 else "vpsid"):
        return True
    return name in UNITS and suffix in SUFFIXES and (suffix != "" or "." not in field)


def container(ctid):
    conf = conf_read(ctid)
    kernel = kernel_read(ctid)
    name = None
    for link in sorted(os.listdir(path("etc/vz/names"))):
        if os.path.basename(os.readlink(path("etc/vz/names", link))) == ctid + ".conf":
            name = link
    row = {"ctid": ctid, "name": name, "hostname": conf.get("HOSTNAME"),
           "status": WORLD.get("status", {}).get(ctid) or ("running" if kernel else "stopped"),
           "ip": conf.get("IP_ADDRESS") if kernel else None, "running": kernel is not None}
    for counter in UNITS:
        limits = conf_pair(conf, counter)
        if GENERATION >= 7 and counter == "oomguarpages":
            limits = [0, 0]
        row[counter] = kernel[counter] if kernel else {
            "held": 0, "maxheld": 0, "barrier": limits[0], "limit": limits[1], "failcnt": 0}
    return row


def cell(row, field):
    name, _, suffix = field.partition(".")
    if name in ("ctid", "veid", "vpsid", "uuid"):
        return "%*s" % (36 if GENERATION >= 7 else 10, row["ctid"])
    if name in TEXT:
        return "%-*s" % (TEXT[name][1], row[name] or "-")
    which = SUFFIXES[suffix]
    if not row["running"] and which not in ("barrier", "limit"):
        return "%10s" % "-"
    return "%10d" % row[name][which]


def head(field):
    name, _, suffix = field.partition(".")
    if name in ("ctid", "veid", "vpsid", "uuid"):
        return "%*s" % (36 if GENERATION >= 7 else 10, "CTID")
    if name in TEXT:
        return "%-*s" % (TEXT[name][1], TEXT[name][0])
    return "%10s" % (HEADS[name] + ("." + suffix.upper() if suffix else ""))


def print_json(rows, fields):
    array = []
    for row in rows:
        item = {}
        for field in fields:
            value = row[field]
            if field == "ctid" and GENERATION < 7:
                value = int(value)
            if isinstance(value, dict):
                value = {f: value[f] for f in FIELDS}
            item[field] = value
        array.append(item)
    text = json.dumps(array, indent=2, ensure_ascii=False)
    if WORLD.get("raw_json"):  # 4.0 escapes nothing
        text = text.replace('\\"', '"')
    out(text)


def vzlist(words):
    fields, heads, all_of_them, as_json, ids = ["ctid", "numproc", "status", "ip", "hostname"], \
        True, False, False, []
    words = list(words)
    while words:
        word = words.pop(0)
        if word == "-o" and words:
            fields = words.pop(0).split(",")
        elif word == "-L":
            for entry in BEFORE + [
                    "%s%s %s%s" % (c, s and "." + s, HEADS[c], s and "." + s.upper())
                    for c in ORDER for s in ("", "m", "b", "l", "f")] + AFTER:
                out("%-15s %-15s" % tuple(entry.split(" ")))
            end(0)
        elif word == "--help":
            out("Usage: vzlist [-a | -S] [-n] [-H] [-o field[,field...] | -1] [-s [-]field]")
            end(0)
        elif word == "-a":
            all_of_them = True
        elif word == "-H":
            heads = False
        elif word == "-j" and not WORLD.get("no_json"):
            as_json = True
        elif word.startswith("-"):
            err("vzlist: invalid option -- '%s'" % word[1:])
            end(1)
        else:
            ids.append(word)
    for field in fields:
        if not field_known(field):
            err("Unknown field: " + field)
            end(1)
        if as_json and "." in field:
            err("Field `%s' is not available in JSON output" % field)
            end(1)
    for word in ids:
        if resolve(word) is None:
            err(("Container ID %s is invalid." if GENERATION >= 7 else "CT ID %s is invalid.") % word)
            end(1)
    if GENERATION < 7 and not os.path.exists(path("proc/user_beancounters")) and not ids:
        err("Unable to open /proc/user_beancounters: No such file or directory")
        end(0)
    wanted = {resolve(word) for word in ids}
    rows = [container(i) for i in all_ids() if (i in wanted if ids else True)]
    rows = [r for r in rows if all_of_them or ids or r["running"]]
    if not rows:
        err("Container(s) not found")
        end(1 if ids else 0)
    if as_json:
        print_json(rows, fields)
        end(0)
    if heads:
        out(" ".join(head(f) for f in fields).rstrip())
    for row in rows:
        out(" ".join(cell(row, f) for f in fields).rstrip())
    end(0)


def emulation(words):
    """user_beancounters.py of 8 and 9."""
    lines = ["Version: 2.5", "%36s  %-12s %s" % ("uid", "resource",
                                                 " ".join("%20s" % f for f in FIELDS))]
    names = [name for name, _ in COUNTERS][:24]
    for ctid in words:
        counters = kernel_read(ctid) or {}
        full = {}
        for name in names:
            full[name] = counters.get(name) or {"held": 0, "maxheld": 0, "barrier": LONG_MAX,
                                                "limit": LONG_MAX, "failcnt": 0}
        lines += block(ctid, full, 36, names)
    out("\n".join(lines))
    end(0)


if __name__ == "__main__":
    program = os.path.basename(sys.argv[0])
    if program == "user_beancounters.py":
        emulation(sys.argv[1:])
    elif program == "vzlist":
        with open(path("lists"), "a") as log:
            log.write("x")
        vzlist(sys.argv[1:])
    elif program == "kernel-show":
        kernel_show()
        end(0)
    else:
        vzctl(sys.argv[1:])
