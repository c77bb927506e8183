/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/status.h"

#include "model/backend.h"
#include "model/size.h"

/* clang-format off */
const struct status_row status_rows[] = {
    {STATUS_DONE,        "done, or nothing had to be changed"},
    {STATUS_FAILURE,     "failure"},
    {STATUS_USAGE,       "usage, or a bad value"},
    {STATUS_PARTLY,      "partly applied: what is true now was printed"},
    {STATUS_PERMISSION,  "not permitted, or read-only"},
    {STATUS_CONFLICT,    "conflict: changed by somebody else, or not as --expect says"},
    {STATUS_CONNECTION,  "no connection, or a timeout; what is known was printed, and what could be done was"},
    {STATUS_UNSUPPORTED, "not supported by this hypervisor"},
    {STATUS_UNSAFE,      "refused as unsafe"},
    {STATUS_GONE_BACK,   "gone back"},
    {STATUS_CHANGED,     "changed, or would change (with --exit-changed alone)"},
    {STATUS_NO_DOMAIN,   "no such domain"},
    {STATUS_INTERRUPTED, "interrupted"},
    {STATUS_DONE, NULL},
};

static const enum status of_backend_error[] = {
    [BACKEND_ERROR_FAILED] = STATUS_FAILURE,
    [BACKEND_ERROR_CONNECTION] = STATUS_CONNECTION,
    [BACKEND_ERROR_PERMISSION] = STATUS_PERMISSION,
    [BACKEND_ERROR_URI] = STATUS_USAGE,
    [BACKEND_ERROR_AUTH] = STATUS_PERMISSION,
    [BACKEND_ERROR_UNSUPPORTED] = STATUS_UNSUPPORTED,
    [BACKEND_ERROR_TIMEOUT] = STATUS_CONNECTION,
    [BACKEND_ERROR_CANCELLED] = STATUS_INTERRUPTED,
    [BACKEND_ERROR_GONE] = STATUS_NO_DOMAIN,
    [BACKEND_ERROR_CONFLICT] = STATUS_CONFLICT,
    [BACKEND_ERROR_BUSY] = STATUS_FAILURE,
    [BACKEND_ERROR_UNRECORDED] = STATUS_UNSAFE,
    [BACKEND_ERROR_UNSAFE] = STATUS_UNSAFE,
};

static const enum status of_outcome[] = {
    [OUTCOME_CHANGED] = STATUS_DONE,       [OUTCOME_UNCHANGED] = STATUS_DONE,
    [OUTCOME_WOULD_CHANGE] = STATUS_DONE,  [OUTCOME_PENDING] = STATUS_DONE,
    [OUTCOME_ROUNDED] = STATUS_DONE,       [OUTCOME_REFUSED] = STATUS_UNSAFE,
    [OUTCOME_CONFLICT] = STATUS_CONFLICT,  [OUTCOME_FAILED] = STATUS_FAILURE,
    [OUTCOME_SKIPPED] = STATUS_FAILURE,    [OUTCOME_GONE_BACK] = STATUS_GONE_BACK,
    [OUTCOME_KEPT] = STATUS_PARTLY,
};
/* clang-format on */

enum status status_of_error(const GError *error)
{
    if (error->domain == SIZE_ERROR || error->domain == G_OPTION_ERROR)
        return STATUS_USAGE;
    return of_backend_error[backend_error_code(error)];
}

enum status status_of_outcome(enum outcome outcome, int error)
{
    return outcome == OUTCOME_FAILED ? of_backend_error[error] : of_outcome[outcome];
}
