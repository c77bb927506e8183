# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands and conditions, each with a deadline."""
import pathlib
import subprocess
import time

GUEST = pathlib.Path("/guest-share").is_dir()  # an emulated machine, thrown away afterwards
# An emulated machine takes its time.
PATIENCE = 5 if GUEST else 1


class Failed(AssertionError):
    """A command ended otherwise than expected, or something did not come."""


def until(condition, what, seconds=60):
    """Waits for a condition; what it returned."""
    end = time.monotonic() + seconds * PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise Failed(f"not within {seconds} s: {what}")


def run(*command, status=0, **options):
    """Runs a command to its end; what it said. `status` None: any."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=options.pop("timeout", 120) * PATIENCE, check=False, **options)
    if status is not None and done.returncode != status:
        raise Failed(f"{' '.join(map(str, command))}\nstatus {done.returncode}, expected {status}\n{done.stdout}{done.stderr}")
    return done
