"""Names that libvirt accepts and that would hurt a terminal, a parser or a table."""
import json
import unittest
import uuid

import domains
from host import run

host = None  # set by lab.py
LXC = "lxc:///system"
NAMES = {
    "a one-byte CSI": "evil\u009b2Jname",
    "right to left": "abc\u202efdp.exe",
    "a tab": "tab\tbed",
    "DEL": "del\u007fete",
    "zero width": "zero\u200bwidth",
    "emoji": "db \U0001f4a9 prod",
    "as long as a file's name can be": "x" * 240,
    "blanks alone": "   ",
    "an assignment": "hard_limit=5",
    "digits": "42",
    "a leading dash": "-rf",
    "a fragment": "a#b",
    "quotes": "it's \"quoted\" $(date) `id`",
}
FORBIDDEN = [chr(c) for c in (*range(0, 10), *range(11, 32), *range(0x7f, 0xa0), 0x200b, 0x202e)]
uuids = {}


def setUpModule():
    root = domains.container_root(host.directory)
    for what, name in NAMES.items():
        uuids[what] = str(uuid.uuid4())
        host.define("lxc", domains.container(name, root, uuid=uuids[what]))


def tearDownModule():
    for identity in uuids.values():
        run("virsh", "-q", "-c", LXC, "undefine", identity, status=None)


def config_hard(identity):
    return host.memtune("lxc", identity, "config")["hard_limit"]


class Names(unittest.TestCase):
    def test_3000_characters_on_the_test_driver(self):
        # The daemons keep a file of that name each; the driver without files takes any.
        path = host.directory / "node.xml"
        name = "n" * 3000
        path.write_text(f"<node><domain type='test'><name>{name}</name><memory>1048576</memory>"
                        "<os><type>hvm</type></os></domain></node>", encoding="ascii")
        self.assertIn("nnn", host.tool("-c", f"test://{path}", "list").stdout)
        host.tool("-c", f"test://{path}", "set", name, "hard_limit=3G")

    def test_nothing_harmful_reaches_any_output(self):
        for words in (["list"], ["list", "--plain"], ["list", "--json"], ["list", "--csv"],
                      ["-a", "-b", "-n", "1"]):
            with self.subTest(words=words):
                text = host.tool("-c", LXC, *words).stdout.replace("\t" if "--plain" in words else "\0", "")
                self.assertEqual([hex(ord(c)) for c in FORBIDDEN if c in text and c != "\0"], [])
                self.assertEqual(text.encode("utf-8", "strict").decode("utf-8"), text)

    def test_every_domain_is_listed_once(self):
        listed = json.loads(host.tool("-c", LXC, "list", "--json").stdout)["domains"]
        for what, identity in uuids.items():
            with self.subTest(name=what):
                self.assertEqual([d["uuid"] for d in listed].count(identity), 1)

    def test_every_name_can_be_given(self):
        for index, (what, name) in enumerate(NAMES.items()):
            with self.subTest(name=what):
                wanted = (260 + index) * 1024
                host.tool("-c", LXC, "set", f"--domain={name}", f"hard_limit={wanted}K", "--allow=danger,kills")
                self.assertEqual(config_hard(uuids[what]), wanted)

    def test_a_uuid_does_as_well(self):
        for index, (what, identity) in enumerate(uuids.items()):
            with self.subTest(name=what):
                wanted = (290 + index) * 1024
                host.tool("-c", LXC, "set", identity, f"hard_limit={wanted}K", "--allow=danger,kills")
                self.assertEqual(config_hard(identity), wanted)

    def test_a_number_is_a_name_and_never_an_id(self):
        done = host.tool("-c", LXC, "show", "1", status=11)
        self.assertTrue(done.stderr)
        host.tool("-c", LXC, "show", "42")

    def test_the_commands_of_such_domains_run_in_a_shell(self):
        for what, name in NAMES.items():
            with self.subTest(name=what):
                command = run(host.build / "tests/lab/steps", LXC, name, "soft_limit=123M", "--config").stdout
                run("sh", "-ec", command)
                self.assertEqual(host.memtune("lxc", uuids[what], "config")["soft_limit"], 123 * 1024)
