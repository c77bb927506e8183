#!/usr/bin/python3
"""A wrong arrow fails: each is tried, by include and by symbol, and must be refused.

usage: wrong-arrows.py ROOT LIBMODEL LIBUI LIBBACKENDS CC...
"""
import pathlib
import subprocess
import sys
import tempfile

ROOT, MODEL, UI, BACKENDS = sys.argv[1:5]
CC = sys.argv[5:]  # more than one word with ccache
INCLUDES = [  # file of the invented tree, its line, whether it is allowed
    ("model/a.c", '#include "ui/options.h"', False),
    ("model/a.c", '#include "backends/backends.h"', False),
    ("model/a.c", "#include <libvirt/libvirt.h>", False),
    ("model/a.c", "#include <curses.h>", False),
    ("model/a.c", '#include "value.h"', False),
    ("model/a.c", '#include "model/value.h"', True),
    ("backends/a.c", '#include "ui/options.h"', False),
    ("backends/a.c", "#include <libvirt/libvirt.h>", True),
    ("ui/a.c", '#include "backends/backends.h"', False),
    ("ui/a.c", "#include <libcgroup.h>", False),
    ("ui/a.c", "#include <ncursesw/curses.h>", False),
    ("ui/term.c", "#include <curses.h>", True),
    ("ui/main.c", '#include "backends/backends.h"', True),
    ("ui/a.c", "    g_timeout_add(1, f, NULL);", False),
]
SYMBOLS = [  # archive that calls, symbol of a layer it must not know
    (MODEL, "app_run"),
    (MODEL, "all_backends"),
    (BACKENDS, "app_run"),
    (UI, "all_backends"),
]
cases = []
with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    for name, line, allowed in INCLUDES:
        path = scratch / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(line + "\n")
        run = subprocess.run([sys.executable, f"{ROOT}/tests/layers/includes.py", str(scratch), str(path)],
                             stdout=subprocess.DEVNULL, check=False)
        cases.append(((run.returncode == 0) == allowed,
                      f"{name}: {line.strip().replace('#', '')} is {'allowed' if allowed else 'refused'}"))
        path.unlink()
    for archive, symbol in SYMBOLS:
        source, main = scratch / "wrong.c", scratch / "main.c"
        source.write_text(f"extern void {symbol}(void);\nvoid wrong(void);\nvoid wrong(void) {{ {symbol}(); }}\n")
        main.write_text("int main(void) { return 0; }\n")
        run = subprocess.run([*CC, str(main), str(source), "-o", str(scratch / "out"), archive,
                              "-Wl,--unresolved-symbols=report-all"], capture_output=True, text=True, check=False)
        cases.append((run.returncode != 0 and symbol in run.stderr,
                      f"{pathlib.Path(archive).name} plus a call of {symbol} does not link"))

print(f"1..{len(cases)}")
for number, (passed, title) in enumerate(cases, 1):
    print(f"{'ok' if passed else 'not ok'} {number} - {title}")
sys.exit(0 if all(passed for passed, _ in cases) else 1)
