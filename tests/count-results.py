#!/usr/bin/python3
"""Counts the cases of every testlog.junit.xml given: prints "N passed, N failed, N skipped".

Exit status 1 where a case failed, or where nothing ran at all.
"""
import sys
import xml.etree.ElementTree as tree


def count(path):
    passed = failed = skipped = 0
    for suite in tree.parse(path).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            elif case.find("skipped") is not None:
                skipped += 1
            else:
                passed += 1
        # A program that died between its cases is an error of the suite alone.
        if int(suite.get("errors", 0)) and not any(c.find("error") is not None or c.find("failure") is not None
                                                   for c in suite.iter("testcase")):
            failed += int(suite.get("errors"))
    return passed, failed, skipped


def main():
    totals = [0, 0, 0]
    for path in sys.argv[1:]:
        try:
            totals = [a + b for a, b in zip(totals, count(path))]
        except (OSError, tree.ParseError) as problem:
            print(f"{path}: {problem}", file=sys.stderr)
            totals[1] += 1
    print("%d passed, %d failed, %d skipped" % tuple(totals))
    return 1 if totals[1] or not totals[0] else 0


sys.exit(main())
