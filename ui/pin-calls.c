/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/pin-calls.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define CALLS_END 0x40000000 /* above it are those of x32 */
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARCHITECTURE AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define ARCHITECTURE AUDIT_ARCH_S390X
#endif
#ifndef CALLS_END
#define CALLS_END 0x7fffffff
#endif

/* Newer than the headers of some systems that this is built on; the same number everywhere. */
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat 463
#endif
#ifndef SYS_removexattrat
#define SYS_removexattrat 466
#endif

#ifdef ARCHITECTURE
static const unsigned denied[] = {
    SYS_truncate,   SYS_fchmod,      SYS_fchmodat,     SYS_fchmodat2,    SYS_fchown,
    SYS_fchownat,   SYS_utimensat,   SYS_setxattr,     SYS_lsetxattr,    SYS_fsetxattr,
    SYS_setxattrat, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr, SYS_removexattrat,
#ifdef SYS_chmod
    SYS_chmod,
#endif
#ifdef SYS_chown
    SYS_chown,      SYS_lchown,
#endif
#ifdef SYS_utime
    SYS_utime,
#endif
#ifdef SYS_utimes
    SYS_utimes,
#endif
#ifdef SYS_futimesat
    SYS_futimesat,
#endif
};

#define LOAD(field)                                                                                \
    (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(what) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, what)
#define JUMP(how, value, yes, no)                                                                  \
    (struct sock_filter) BPF_JUMP(BPF_JMP | (how) | BPF_K, value, yes, no)

bool pin_calls(void)
{
    struct sock_filter filter[G_N_ELEMENTS(denied) + 6];
    struct sock_fprog program = {.filter = filter};
    size_t n = 0;

    G_STATIC_ASSERT(G_N_ELEMENTS(denied) < 250); /* a jump is one byte */
    filter[n++] = LOAD(arch);
    filter[n++] = JUMP(BPF_JEQ, ARCHITECTURE, 0, G_N_ELEMENTS(denied) + 3);
    filter[n++] = LOAD(nr);
    filter[n++] = JUMP(BPF_JGE, CALLS_END, G_N_ELEMENTS(denied) + 1, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(denied); i++)
        filter[n++] = JUMP(BPF_JEQ, denied[i], (uint8_t)(G_N_ELEMENTS(denied) - i), 0);
    filter[n++] = RETURN(SECCOMP_RET_ALLOW);
    filter[n++] = RETURN(SECCOMP_RET_ERRNO | EPERM);
    program.len = (unsigned short)n;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}
#else
bool pin_calls(void)
{
    errno = ENOSYS;
    return false;
}
#endif
