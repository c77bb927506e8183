/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends/vsphere.h"

#include <string.h>

struct carrier {
    void (*merge)(struct reconfigure *reconfigure, struct value to);
};

#define MIB ((uint64_t)1 << 20)

static struct maybe in_mib(struct value value)
{
    return (struct maybe){.number = (int64_t)(value.number / MIB), .known = true};
}

static void merge_size(struct reconfigure *reconfigure, struct value to)
{
    reconfigure->memory_mib = in_mib(to);
}

static void merge_reservation(struct reconfigure *reconfigure, struct value to)
{
    reconfigure->memory.reservation = in_mib(to);
}

static void merge_limit(struct reconfigure *reconfigure, struct value to)
{
    reconfigure->memory.limit =
        to.kind == VALUE_UNLIMITED ? (struct maybe){.number = -1, .known = true} : in_mib(to);
}

static void merge_shares(struct reconfigure *reconfigure, struct value to)
{
    if (to.kind == VALUE_CHOICE) {
        reconfigure->memory.level = to.choice;
    } else {
        reconfigure->memory.level = SHARES_CUSTOM;
        reconfigure->memory.shares = (struct maybe){.number = (int64_t)to.number, .known = true};
    }
}

static void merge_locked(struct reconfigure *reconfigure, struct value to)
{
    reconfigure->locked = (struct maybe){.number = to.choice != 0, .known = true};
}

static void merge_balloon(struct reconfigure *reconfigure, struct value to)
{
    reconfigure->send_balloon = true;
    if (to.kind == VALUE_UNSET) {
        reconfigure->balloon_max[0] = '\0';
    } else {
        g_snprintf(reconfigure->balloon_max, sizeof reconfigure->balloon_max, "%" G_GUINT64_FORMAT,
                   to.number / MIB);
    }
}

const struct carrier vsphere_carrier_size = {merge_size};
const struct carrier vsphere_carrier_reservation = {merge_reservation};
const struct carrier vsphere_carrier_limit = {merge_limit};
const struct carrier vsphere_carrier_shares = {merge_shares};
const struct carrier vsphere_carrier_locked = {merge_locked};
const struct carrier vsphere_carrier_balloon_max = {merge_balloon};

void reconfigure_merge(const struct entity *vm, const struct change *changes, size_t n,
                       struct reconfigure *reconfigure)
{
    static const int per_mib[] = {
        [SHARES_LOW] = 5, [SHARES_NORMAL] = 10, [SHARES_HIGH] = 20, [SHARES_CUSTOM] = 0};
    struct allocation *memory = &reconfigure->memory;
    struct maybe size, locked;

    memset(reconfigure, 0, sizeof *reconfigure);
    reconfigure->change_version = vm->change_version;
    *memory = vm->memory;
    for (size_t i = 0; i < n; i++) {
        changes[i].tunable->carrier->merge(reconfigure, changes[i].to);
    }
    size = reconfigure->memory_mib.known ? reconfigure->memory_mib : vm->memory_mib;
    locked = reconfigure->locked.known ? reconfigure->locked : vm->locked;
    if (locked.known && locked.number != 0 && size.known) {
        memory->reservation = size;
    }
    /* The server ignores the number beside a level, but one that only stores it would show it. */
    if (memory->level != SHARES_CUSTOM && size.known && size.number >= 0 &&
        size.number <= G_MAXINT32) {
        memory->shares.number = size.number * per_mib[memory->level];
        memory->shares.known = true;
    }
}

static void write_allocation(struct soap_request *request, const struct allocation *memory)
{
    static const char *const levels[] = {"low", "normal", "high", "custom"};

    soap_begin(request, "memoryAllocation", NULL);
    if (memory->reservation.known) {
        soap_number(request, "reservation", memory->reservation.number);
    }
    if (memory->limit.known) {
        soap_number(request, "limit", memory->limit.number);
    }
    soap_begin(request, "shares", NULL);
    soap_number(request, "shares", memory->shares.number);
    soap_text(request, "level", levels[memory->level]);
    soap_end(request);
    soap_end(request);
}

/* The order of the elements is the schema's: a real server insists on it. */
struct soap_request *reconfigure_request(const struct entity *vm,
                                         const struct reconfigure *reconfigure)
{
    struct soap_request *request = soap_request_new("ReconfigVM_Task", vm->type, vm->id);

    soap_once(request);
    soap_begin(request, "spec", NULL);
    if (reconfigure->change_version != NULL && *reconfigure->change_version != '\0') {
        soap_text(request, "changeVersion", reconfigure->change_version);
    }
    if (reconfigure->memory_mib.known) {
        soap_number(request, "memoryMB", reconfigure->memory_mib.number);
    }
    write_allocation(request, &reconfigure->memory);
    if (reconfigure->send_balloon) {
        soap_begin(request, "extraConfig", "OptionValue");
        soap_text(request, "key", "sched.mem.maxmemctl");
        soap_typed_text(request, "value", "xsd:string", reconfigure->balloon_max);
        soap_end(request);
    }
    if (reconfigure->locked.known) {
        soap_flag(request, "memoryReservationLockedToMax", reconfigure->locked.number != 0);
    }
    soap_end(request);
    return request;
}
