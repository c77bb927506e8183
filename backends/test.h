/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvirt's test driver: domains that live in this process and are gone with it. For trying the
 * program, and for tests that need no hypervisor. test:///default has one domain, "test";
 * test:///PATH takes its domains from a file of <node> format (shipped: virt-memtune-test.xml).
 */
#ifndef BACKENDS_TEST_H
#define BACKENDS_TEST_H

#include "model/backend.h"

extern const struct backend test_backend;

#endif
