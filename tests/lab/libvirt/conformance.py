"""The suite that every backend must pass, on a container and on a machine."""
import os
import unittest

from host import TAG, run

host = None  # set by lab.py


def setUpModule():
    host.define_all()


class Conformance(unittest.TestCase):
    def test_every_kind_of_domain(self):
        for kind, name in (("lxc", "idle"), ("lxc", "off"), ("qemu", "bare")):
            with self.subTest(domain=name):
                environment = dict(os.environ, CONFORMANCE_URI=f"{kind}:///system", CONFORMANCE_DOMAIN=f"{name}-{TAG}")
                run(host.build / "tests/backends/conformance", "-j1", env=environment)
