/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/pin-calls.h"

#include <errno.h>
#include <fcntl.h>
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

#ifdef SYS_open
#define OLD_OPEN SYS_open
#else
#define OLD_OPEN SYS_openat /* no such call here */
#endif

#ifdef ARCHITECTURE
static const unsigned denied[] = {
    SYS_truncate,
    SYS_fchmod,
    SYS_fchmodat,
    SYS_fchmodat2,
    SYS_fchown,
    SYS_fchownat,
    SYS_utimensat,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_fsetxattr,
    SYS_setxattrat,
    SYS_removexattr,
    SYS_lremovexattr,
    SYS_fremovexattr,
    SYS_removexattrat,
    /* What opens files past this filter. */
    SYS_openat2,
    SYS_open_by_handle_at,
    SYS_io_uring_setup,
#ifdef SYS_chmod
    SYS_chmod,
#endif
#ifdef SYS_chown
    SYS_chown,
    SYS_lchown,
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

#define LOAD(at) (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at)
#define LOAD_FIELD(field) LOAD(offsetof(struct seccomp_data, field))
#define AND(mask) (struct sock_filter) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask)
#define RETURN(what) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, what)
#define ALLOW RETURN(SECCOMP_RET_ALLOW)
#define DENY RETURN(SECCOMP_RET_ERRNO | EPERM)
#define IF(how, value, yes, no)                                                                    \
    (struct sock_filter) BPF_JUMP(BPF_JMP | (how) | BPF_K, value, yes, no)
#define GO(forward) (struct sock_filter) BPF_STMT(BPF_JMP | BPF_JA, forward)

/* The half of an argument that an int is in. */
static unsigned argument(unsigned index)
{
    return (unsigned)(offsetof(struct seccomp_data, args) + index * sizeof(__u64)) +
           (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0);
}

#define N_DENIED G_N_ELEMENTS(denied)

bool pin_calls(void)
{
    struct sock_filter filter[N_DENIED + 16];
    struct sock_fprog program = {.filter = filter};
    size_t n = 0;

    G_STATIC_ASSERT(N_DENIED < 240); /* a jump is one byte */
    filter[n++] = LOAD_FIELD(arch);
    filter[n++] = IF(BPF_JEQ, ARCHITECTURE, 0, N_DENIED + 5);
    filter[n++] = LOAD_FIELD(nr);
    filter[n++] = IF(BPF_JGE, CALLS_END, N_DENIED + 3, 0);
    for (size_t i = 0; i < N_DENIED; i++)
        filter[n++] = IF(BPF_JEQ, denied[i], (uint8_t)(N_DENIED - i + 2), 0);
    filter[n++] = IF(BPF_JEQ, SYS_openat, 3, 0);
    filter[n++] = IF(BPF_JEQ, OLD_OPEN, 4, 0);
    filter[n++] = ALLOW;
    filter[n++] = DENY;
    /* Opening for reading, or for nothing, and truncating: to Landlock that writes nothing. */
    filter[n++] = LOAD(argument(2));
    filter[n++] = GO(1);
    filter[n++] = LOAD(argument(1));
    filter[n++] = AND(O_TRUNC | O_ACCMODE);
    filter[n++] = IF(BPF_JEQ, O_TRUNC | O_RDONLY, 2, 0);
    filter[n++] = IF(BPF_JEQ, O_TRUNC | O_ACCMODE, 1, 0);
    filter[n++] = ALLOW;
    filter[n++] = DENY;
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
