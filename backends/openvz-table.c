/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/openvz.h"

#include <string.h>

#define MEMORY "Beancounters of memory"
#define VSWAP "RAM and swap (VSwap kernels, 7 and later)"
#define SOCKETS "Buffers of sockets"
#define THINGS "Counts of files and processes"

/* No machine has more; a slip does. The kernel would take anything up to LONG_MAX. */
#define MOST_BYTES (UINT64_C(1) << 59)

#define PAGES .unit = UNIT_BYTES, .bare = OVZ_PAGE, .granule = OVZ_PAGE, .max = MOST_BYTES
#define BYTES .unit = UNIT_BYTES, .bare = 1, .max = MOST_BYTES
#define COUNT .unit = UNIT_COUNT, .bare = 1, .max = UBC_MAX64 - 1

#define CARRIES(kind_, counter_, half_)                                                            \
    .carrier = &(const struct carrier)                                                             \
    {                                                                                              \
        kind_, counter_, half_                                                                     \
    }
#define FAILS_AT(name_) .wall = WALL_FAILS, .wall_figure = name_ ".held"
#define SLOWS_AT(name_) .wall = WALL_SLOWS, .wall_figure = name_ ".held"

/* Both halves of a counter. What both have in common is said once. */
#define ROW(name_, half_, label_, effect_, section_, key_, help_, ...)                             \
    {                                                                                              \
        .name = name_ "." half_, .native = name_ " " half_, .label = label_, .effect = effect_,    \
        .help = help_, .source = "vzctl set --" name_ ", " key_ " in CTID.conf",                   \
        .section = section_, .group = name_, .half = half_, .scopes = SCOPE_BOTH,                  \
        .unlimited = true, __VA_ARGS__                                                             \
    }

/* clang-format off */
static const char *const memguarantee_choices[] = {"auto", NULL};

const struct tunable ovz_tunables[] = {
    {.name = "ram", .native = "physpages limit", .label = "RAM", .effect = "swaps, then kills",
     .help = "RAM of the container on a VSwap kernel: the limit of physpages. Above it pages go to the container's swap; once that is full too, a process in it is killed. vzctl set --ram writes the same.",
     .source = "vzctl set --physpages, PHYSPAGES in CTID.conf", .section = VSWAP, .role = ROLE_HARD,
     .wall = WALL_KILLS, .wall_figure = "physpages.held", .scopes = SCOPE_BOTH, .unlimited = true, PAGES,
     CARRIES(OVZ_RAM, UBC_PHYSPAGES, UBC_LIMIT)},
    {.name = "swap", .native = "swappages limit", .label = "Swap", .effect = "swap alone",
     .help = "Swap of the container on a VSwap kernel: the limit of swappages. It is virtual: real swapping begins only when the host itself is short. RAM and swap together are what the container can use before a process in it is killed.",
     .source = "vzctl set --swappages, SWAPPAGES in CTID.conf", .section = VSWAP, .role = ROLE_SWAP,
     .scopes = SCOPE_BOTH, .unlimited = true, PAGES, CARRIES(OVZ_SWAP, UBC_SWAPPAGES, UBC_LIMIT)},
    {.name = "memory_guarantee", .native = "memguarantee", .label = "Guarantee", .effect = "auto or percent",
     .help = "Part of RAM that the host keeps for the container when it is short itself: percent of the RAM limit, or auto. Known to vzctl 7 and later; vcmmd carries it out. It is written to the configuration and acts on a running container too; vzctl does not tell the guarantee in force.",
     .source = "vzctl set --memguarantee, MEMGUARANTEE in CTID.conf", .section = VSWAP, .scopes = SCOPE_CONFIG,
     .unit = UNIT_PERCENT, .max = 100, .choices = memguarantee_choices, .may_hurt_up = true,
     CARRIES(OVZ_MEMGUARANTEE, UBC_COUNTERS, UBC_LIMIT)},

    ROW("privvmpages", "barrier", "privvmpages", "malloc fails", MEMORY, "PRIVVMPAGES",
        "Memory that processes have allocated and not necessarily touched: pages. Above the barrier normal allocations fail (malloc returns NULL); from barrier to limit only high-priority ones such as the growth of a stack pass. So the barrier is the wall of a normal malloc.",
        PAGES, FAILS_AT("privvmpages"), .libvirt = "soft_limit", .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_PRIVVMPAGES, UBC_BARRIER)),
    ROW("privvmpages", "limit", "privvmpages", "stack growth fails", MEMORY, "PRIVVMPAGES",
        "Above the limit of privvmpages no allocation passes at all: a process whose stack must grow is killed. Barrier to limit is the gap kept for that.",
        PAGES, .libvirt = "hard_limit", CARRIES(OVZ_COUNTER, UBC_PRIVVMPAGES, UBC_LIMIT)),
    ROW("vmguarpages", "barrier", "vmguarpages", "below: malloc works", MEMORY, "VMGUARPAGES",
        "Guarantee of allocations: as long as privvmpages held is below this barrier, allocations succeed whatever the host's shortage. In pages. It has no held of its own: compare with that of privvmpages.",
        PAGES, .libvirt = "min_guarantee", .role = ROLE_GUARANTEE, .wall_figure = "privvmpages.held", .may_hurt_up = true, .group_one = GROUP_ONE_FIRST, CARRIES(OVZ_COUNTER, UBC_VMGUARPAGES, UBC_BARRIER)),
    ROW("vmguarpages", "limit", "vmguarpages", "has no meaning", MEMORY, "VMGUARPAGES",
        "The limit of vmguarpages is not used and must be unlimited.",
        PAGES, CARRIES(OVZ_COUNTER, UBC_VMGUARPAGES, UBC_LIMIT)),
    ROW("oomguarpages", "barrier", "oomguarpages", "below: no OOM kill", MEMORY, "OOMGUARPAGES",
        "Guarantee against the OOM killer: while oomguarpages held (RAM and swap really used, in pages) is below this barrier, the host's OOM killer takes others first. failcnt counts processes that it killed. Dropped by vzctl 7 and later.",
        PAGES, .may_hurt_up = true, .group_one = GROUP_ONE_FIRST, CARRIES(OVZ_COUNTER, UBC_OOMGUARPAGES, UBC_BARRIER)),
    ROW("oomguarpages", "limit", "oomguarpages", "has no meaning", MEMORY, "OOMGUARPAGES",
        "The limit of oomguarpages is not used and must be unlimited.",
        PAGES, CARRIES(OVZ_COUNTER, UBC_OOMGUARPAGES, UBC_LIMIT)),
    ROW("kmemsize", "barrier", "kmemsize", "fork, open fail", MEMORY, "KMEMSIZE",
        "Memory of the kernel that cannot be swapped, used for the container's processes, files and tables: bytes. Above the barrier hard charges (fork, open) fail; from 7 on only the limit acts on a running container.",
        BYTES, FAILS_AT("kmemsize"), .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_KMEMSIZE, UBC_BARRIER)),
    ROW("kmemsize", "limit", "kmemsize", "everything fails", MEMORY, "KMEMSIZE",
        "Above the limit of kmemsize soft charges fail too and the kernel logs a fatal resource shortage. Keep a gap above the barrier.",
        BYTES, CARRIES(OVZ_COUNTER, UBC_KMEMSIZE, UBC_LIMIT)),
    ROW("lockedpages", "barrier", "lockedpages", "mlock fails", MEMORY, "LOCKEDPAGES",
        "Pages locked in RAM by mlock. Barrier and limit are usually the same.",
        PAGES, FAILS_AT("lockedpages"), .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_LOCKEDPAGES, UBC_BARRIER)),
    ROW("lockedpages", "limit", "lockedpages", "mlock fails", MEMORY, "LOCKEDPAGES",
        "Usually the same as the barrier of lockedpages; never below it.",
        PAGES, CARRIES(OVZ_COUNTER, UBC_LOCKEDPAGES, UBC_LIMIT)),
    ROW("shmpages", "barrier", "shmpages", "shmget fails", MEMORY, "SHMPAGES",
        "Shared memory (System V, shared anonymous mappings, tmpfs): pages. Barrier and limit must be equal.",
        PAGES, FAILS_AT("shmpages"), .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_SHMPAGES, UBC_BARRIER)),
    ROW("shmpages", "limit", "shmpages", "shmget fails", MEMORY, "SHMPAGES",
        "Must be equal to the barrier of shmpages.",
        PAGES, CARRIES(OVZ_COUNTER, UBC_SHMPAGES, UBC_LIMIT)),
    ROW("dcachesize", "barrier", "dcachesize", "file lookups fail", MEMORY, "DCACHESIZE",
        "Busy directory entries and inodes: bytes, counted in kmemsize too. Above the barrier file names cannot be looked up. Dropped by vzctl 7 and later.",
        BYTES, FAILS_AT("dcachesize"), .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_DCACHESIZE, UBC_BARRIER)),
    ROW("dcachesize", "limit", "dcachesize", "file lookups fail", MEMORY, "DCACHESIZE",
        "A gap above the barrier of dcachesize for lookups that must not fail; at least 384 bytes for each of numfile.",
        BYTES, CARRIES(OVZ_COUNTER, UBC_DCACHESIZE, UBC_LIMIT)),
    ROW("physpages", "barrier", "physpages", "RAM: swaps, kills", MEMORY, "PHYSPAGES",
        "The barrier of physpages is not used: 0, from 7 on the same as the limit.",
        PAGES, .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_PHYSPAGES, UBC_BARRIER)),
    ROW("physpages", "limit", "physpages", "RAM: swaps, kills", MEMORY, "PHYSPAGES",
        "RAM in use: pages. Kernels without VSwap count it and do not limit it; on VSwap kernels and from 7 on the limit is the container's RAM: see ram.",
        PAGES, CARRIES(OVZ_COUNTER, UBC_PHYSPAGES, UBC_LIMIT)),
    ROW("swappages", "barrier", "swappages", "swap alone", MEMORY, "SWAPPAGES",
        "The barrier of swappages is not used: 0, from 7 on the same as the limit.",
        PAGES, .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_SWAPPAGES, UBC_BARRIER)),
    ROW("swappages", "limit", "swappages", "swap alone", MEMORY, "SWAPPAGES",
        "Swap in use on VSwap kernels: pages. The limit is the container's swap: see swap.",
        PAGES, CARRIES(OVZ_COUNTER, UBC_SWAPPAGES, UBC_LIMIT)),

    ROW("tcpsndbuf", "barrier", "tcpsndbuf", "sending waits", SOCKETS, "TCPSNDBUF",
        "Send buffers of TCP sockets: bytes. Above the barrier senders wait. At least 64 KiB. Dropped by vzctl 7 and later.",
        BYTES, SLOWS_AT("tcpsndbuf"), .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_TCPSNDBUF, UBC_BARRIER)),
    ROW("tcpsndbuf", "limit", "tcpsndbuf", "connections stall", SOCKETS, "TCPSNDBUF",
        "At least 2.5 KiB above the barrier for each of numtcpsock, so that every connection can send something.",
        BYTES, CARRIES(OVZ_COUNTER, UBC_TCPSNDBUF, UBC_LIMIT)),
    ROW("tcprcvbuf", "barrier", "tcprcvbuf", "receiving slows", SOCKETS, "TCPRCVBUF",
        "Receive buffers of TCP sockets: bytes. Above the barrier windows shrink. At least 64 KiB. Dropped by vzctl 7 and later.",
        BYTES, SLOWS_AT("tcprcvbuf"), .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_TCPRCVBUF, UBC_BARRIER)),
    ROW("tcprcvbuf", "limit", "tcprcvbuf", "connections stall", SOCKETS, "TCPRCVBUF",
        "At least 2.5 KiB above the barrier for each of numtcpsock, so that every connection can receive something.",
        BYTES, CARRIES(OVZ_COUNTER, UBC_TCPRCVBUF, UBC_LIMIT)),
    ROW("othersockbuf", "barrier", "othersockbuf", "sending waits", SOCKETS, "OTHERSOCKBUF",
        "Buffers of local sockets and send buffers of UDP: bytes. Above the barrier senders wait. At least 32 KiB. Dropped by vzctl 7 and later.",
        BYTES, SLOWS_AT("othersockbuf"), .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_OTHERSOCKBUF, UBC_BARRIER)),
    ROW("othersockbuf", "limit", "othersockbuf", "sending fails", SOCKETS, "OTHERSOCKBUF",
        "At least 2.5 KiB above the barrier for each of numothersock.",
        BYTES, CARRIES(OVZ_COUNTER, UBC_OTHERSOCKBUF, UBC_LIMIT)),
    ROW("dgramrcvbuf", "barrier", "dgramrcvbuf", "packets are dropped", SOCKETS, "DGRAMRCVBUF",
        "Receive buffers of UDP and other datagram sockets: bytes. Above the barrier packets are dropped. At least 32 KiB. Dropped by vzctl 7 and later.",
        BYTES, FAILS_AT("dgramrcvbuf"), .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_DGRAMRCVBUF, UBC_BARRIER)),
    ROW("dgramrcvbuf", "limit", "dgramrcvbuf", "packets are dropped", SOCKETS, "DGRAMRCVBUF",
        "Usually the same as the barrier of dgramrcvbuf; never below it.",
        BYTES, CARRIES(OVZ_COUNTER, UBC_DGRAMRCVBUF, UBC_LIMIT)),

    ROW("numproc", "barrier", "numproc", "fork fails", THINGS, "NUMPROC",
        "Processes and threads. Barrier and limit must be equal.",
        COUNT, .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_NUMPROC, UBC_BARRIER)),
    ROW("numproc", "limit", "numproc", "fork fails", THINGS, "NUMPROC",
        "Must be equal to the barrier of numproc.",
        COUNT, CARRIES(OVZ_COUNTER, UBC_NUMPROC, UBC_LIMIT)),
    ROW("numfile", "barrier", "numfile", "open fails", THINGS, "NUMFILE",
        "Open files. Barrier and limit must be equal.",
        COUNT, .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_NUMFILE, UBC_BARRIER)),
    ROW("numfile", "limit", "numfile", "open fails", THINGS, "NUMFILE",
        "Must be equal to the barrier of numfile.",
        COUNT, CARRIES(OVZ_COUNTER, UBC_NUMFILE, UBC_LIMIT)),
    ROW("numtcpsock", "barrier", "numtcpsock", "TCP socket fails", THINGS, "NUMTCPSOCK",
        "TCP sockets. Barrier and limit must be equal. Dropped by vzctl 7 and later.",
        COUNT, .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_NUMTCPSOCK, UBC_BARRIER)),
    ROW("numtcpsock", "limit", "numtcpsock", "TCP socket fails", THINGS, "NUMTCPSOCK",
        "Must be equal to the barrier of numtcpsock.",
        COUNT, CARRIES(OVZ_COUNTER, UBC_NUMTCPSOCK, UBC_LIMIT)),
    ROW("numothersock", "barrier", "numothersock", "socket fails", THINGS, "NUMOTHERSOCK",
        "Sockets that are not TCP. Barrier and limit must be equal. Dropped by vzctl 7 and later.",
        COUNT, .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_NUMOTHERSOCK, UBC_BARRIER)),
    ROW("numothersock", "limit", "numothersock", "socket fails", THINGS, "NUMOTHERSOCK",
        "Must be equal to the barrier of numothersock.",
        COUNT, CARRIES(OVZ_COUNTER, UBC_NUMOTHERSOCK, UBC_LIMIT)),
    ROW("numflock", "barrier", "numflock", "locking fails", THINGS, "NUMFLOCK",
        "File locks. Keep a gap between barrier and limit.",
        COUNT, .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_NUMFLOCK, UBC_BARRIER)),
    ROW("numflock", "limit", "numflock", "locking fails", THINGS, "NUMFLOCK",
        "Never below the barrier of numflock.",
        COUNT, CARRIES(OVZ_COUNTER, UBC_NUMFLOCK, UBC_LIMIT)),
    ROW("numpty", "barrier", "numpty", "no new terminals", THINGS, "NUMPTY",
        "Pseudo-terminals, at most 255. Barrier and limit must be equal.",
        COUNT, .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_NUMPTY, UBC_BARRIER)),
    ROW("numpty", "limit", "numpty", "no new terminals", THINGS, "NUMPTY",
        "Must be equal to the barrier of numpty.",
        COUNT, CARRIES(OVZ_COUNTER, UBC_NUMPTY, UBC_LIMIT)),
    ROW("numsiginfo", "barrier", "numsiginfo", "signals are lost", THINGS, "NUMSIGINFO",
        "Queued signals. Barrier and limit must be equal.",
        COUNT, .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_NUMSIGINFO, UBC_BARRIER)),
    ROW("numsiginfo", "limit", "numsiginfo", "signals are lost", THINGS, "NUMSIGINFO",
        "Must be equal to the barrier of numsiginfo.",
        COUNT, CARRIES(OVZ_COUNTER, UBC_NUMSIGINFO, UBC_LIMIT)),
    ROW("numiptent", "barrier", "numiptent", "iptables -A fails", THINGS, "NUMIPTENT",
        "Rules of iptables. Barrier and limit must be equal.",
        COUNT, .group_one = GROUP_ONE_BOTH, CARRIES(OVZ_COUNTER, UBC_NUMIPTENT, UBC_BARRIER)),
    ROW("numiptent", "limit", "numiptent", "iptables -A fails", THINGS, "NUMIPTENT",
        "Must be equal to the barrier of numiptent.",
        COUNT, CARRIES(OVZ_COUNTER, UBC_NUMIPTENT, UBC_LIMIT)),
    {0},
};

#define FROM "/proc/bc/resources, /proc/user_beancounters"
/* Three figures of a counter, in the order of enum ovz_amount. */
#define COUNTER(name_, unit_)                                                                      \
    {.name = name_ ".held", .label = "held", .help = "What " name_ " counts now.", .source = FROM, .group = name_, .unit = unit_}, \
    {.name = name_ ".maxheld", .label = "maxheld", .help = "The most that " name_ " ever counted; it may lag behind held.", .source = FROM, .group = name_, .unit = unit_}, \
    {.name = name_ ".failcnt", .label = "failcnt", .help = "How often " name_ " refused something since the container started.", .source = FROM, .group = name_, .unit = UNIT_COUNT, .counter = true}

const struct figure ovz_figures[] = {
    {.name = "held", .label = "HELD", .role = FIGURE_HELD, .unit = UNIT_BYTES, .source = FROM,
     .help = "RAM in use: physpages held; where the kernel does not count that, oomguarpages held, which includes swap."},
    {.name = "peak", .label = "PEAK", .role = FIGURE_PEAK, .unit = UNIT_BYTES, .source = FROM,
     .help = "The most RAM ever in use: maxheld of the same counter."},
    {.name = "swap", .label = "SWAP", .role = FIGURE_SWAP, .unit = UNIT_BYTES, .source = "/proc/bc/resources",
     .help = "Swap in use on VSwap kernels: swappages held."},
    {.name = "malloc_fails", .label = "malloc fails", .role = FIGURE_MALLOC_FAILS, .group = "privvmpages", .unit = UNIT_COUNT, .counter = true, .source = FROM,
     .help = "Allocations refused since the container started: failcnt of privvmpages."},
    {.name = "oom_kills", .label = "OOM kills", .role = FIGURE_OOM_KILLS, .unit = UNIT_COUNT, .counter = true, .source = FROM,
     .help = "Processes killed for want of memory since the container started: failcnt of oomguarpages."},
    {.name = "failcnt", .label = "failcnt", .role = FIGURE_FAILCNT, .unit = UNIT_COUNT, .counter = true, .source = FROM,
     .help = "Everything that any counter refused since the container started."},
    {.name = "avnumproc", .label = "avnumproc", .unit = UNIT_COUNT, .source = "AVNUMPROC in CTID.conf",
     .help = "Processes on average as the configuration says; vzcfgvalidate counts with it, the kernel does not know it."},
    COUNTER("kmemsize", UNIT_BYTES),
    COUNTER("lockedpages", UNIT_BYTES),
    COUNTER("privvmpages", UNIT_BYTES),
    COUNTER("shmpages", UNIT_BYTES),
    COUNTER("numproc", UNIT_COUNT),
    COUNTER("physpages", UNIT_BYTES),
    COUNTER("vmguarpages", UNIT_BYTES),
    COUNTER("oomguarpages", UNIT_BYTES),
    COUNTER("numtcpsock", UNIT_COUNT),
    COUNTER("numflock", UNIT_COUNT),
    COUNTER("numpty", UNIT_COUNT),
    COUNTER("numsiginfo", UNIT_COUNT),
    COUNTER("tcpsndbuf", UNIT_BYTES),
    COUNTER("tcprcvbuf", UNIT_BYTES),
    COUNTER("othersockbuf", UNIT_BYTES),
    COUNTER("dgramrcvbuf", UNIT_BYTES),
    COUNTER("numothersock", UNIT_COUNT),
    COUNTER("dcachesize", UNIT_BYTES),
    COUNTER("numfile", UNIT_COUNT),
    COUNTER("numiptent", UNIT_COUNT),
    COUNTER("swappages", UNIT_BYTES),
    {0},
};
/* clang-format on */

size_t ovz_row(enum ubc_counter counter, enum ubc_half half)
{
    size_t row = 0;

    for (; ovz_tunables[row].name; row++) {
        const struct carrier *carrier = ovz_tunables[row].carrier;

        if (carrier->kind == OVZ_COUNTER && carrier->counter == counter && carrier->half == half)
            break;
    }
    return row;
}

size_t ovz_row_of(enum ovz_kind kind)
{
    size_t row = 0;

    while (ovz_tunables[row].name && ovz_tunables[row].carrier->kind != kind)
        row++;
    return row;
}

/* The counters stand in the table of figures as in enum ubc_counter, three rows each. */
size_t ovz_figure(enum ubc_counter counter, enum ovz_amount amount)
{
    size_t first = 0;

    while (strcmp(ovz_figures[first].name, "kmemsize.held"))
        first++;
    return first + 3 * counter + amount;
}
