#!/usr/bin/python3
"""The arrows between the layers, read from the #include lines and a few forbidden words.

usage: includes.py ROOT [FILE...]   (FILEs stand for the project's own, to try a wrong arrow)
"""
import pathlib
import re
import sys

ALLOWED = {  # layer: layers whose headers it may include
    "model": {"model"},
    "backends": {"model", "backends"},
    "ui": {"model", "ui"},
}
JOINS_ALL = {"ui/main.c"}
LIBRARIES = [  # what only one layer, or one file, may include
    (re.compile(r"^(libvirt|libxml|curl)/|^libcgroup\.h$|^xenstore"), lambda f: f.startswith("backends/"),
     "hypervisor libraries belong to backends/"),
    (re.compile(r"curses\.h$|^term\.h$"), lambda f: f == "ui/term.c", "curses belongs to ui/term.c alone"),
]
WORDS = [  # sources on the default main context fire on the event thread of libvirt
    (re.compile(r"\bg_(timeout|idle|unix_fd|unix_signal|child_watch)_add(_\w+)?\s*\("),
     "attach a source to the layer's own GMainContext"),
]


def problems(root, path):
    name = str(path.relative_to(root))
    layer = name.split("/")[0]
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        include = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if include and include.group(1) == '"':
            target = include.group(2)
            owner = target.split("/")[0]
            if target != "config.h" and "/" not in target:
                yield f"{name}:{number}: {target}: an include carries its layer"
            elif owner in ALLOWED and owner not in ALLOWED[layer] and name not in JOINS_ALL:
                yield f"{name}:{number}: {layer} must not include {target}"
        elif include:
            for pattern, allowed, why in LIBRARIES:
                if pattern.search(include.group(2)) and not allowed(name):
                    yield f"{name}:{number}: <{include.group(2)}>: {why}"
        for pattern, why in WORDS:
            if pattern.search(line):
                yield f"{name}:{number}: {pattern.search(line).group(0)}: {why}"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    files = [pathlib.Path(f).resolve() for f in sys.argv[2:]]
    if not files:
        files = [f for layer in ALLOWED for f in sorted((root / layer).rglob("*.[ch]"))]
    found = [p for f in files for p in problems(root, f)]
    for problem in found:
        print(problem)
    return 1 if found or not files else 0


sys.exit(main())
