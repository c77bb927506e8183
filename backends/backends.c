/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/backends.h"

#include "config.h"

#ifdef WITH_QEMU
#include "backends/qemu.h"
#endif
#ifdef WITH_LXC
#include "backends/lxc.h"
#endif
#ifdef WITH_XEN
#include "backends/xen.h"
#endif
#ifdef WITH_TEST
#include "backends/test.h"
#endif
#ifdef WITH_FAKE
#include "backends/fake.h"
#endif
#ifdef WITH_OPENVZ
#include "backends/openvz.h"
#endif
#ifdef WITH_ESX
#include "backends/esx.h"
#endif

#if defined(WITH_QEMU) || defined(WITH_LXC)
#include "backends/hook-commands.h"
const struct backend_command *const all_commands = hook_commands;
#else
static const struct backend_command no_commands[] = {{.name = NULL}};
const struct backend_command *const all_commands = no_commands;
#endif

const struct backend *const all_backends[] = {
#ifdef WITH_QEMU
    &qemu_backend,
#endif
#ifdef WITH_LXC
    &lxc_backend,
#endif
#ifdef WITH_XEN
    &xen_backend,
#endif
#ifdef WITH_OPENVZ
    &openvz_backend,
#endif
#ifdef WITH_TEST
    &test_backend,
#endif
#ifdef WITH_FAKE
    &fake_backend,
#ifdef WITH_QEMU
    &fake_qemu_backend,
#endif
#ifdef WITH_LXC
    &fake_lxc_backend,
#endif
#ifdef WITH_XEN
    &fake_xen_backend,
#endif
#ifdef WITH_ESX
    &fake_esx_backend,
#endif
#ifdef WITH_OPENVZ
    &fake_openvz_backend,
#endif
#endif
#ifdef WITH_ESX
    &esx_backend,
#endif
    NULL,
};
