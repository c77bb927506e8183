/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/backend.h"

G_DEFINE_QUARK(virt_memtune_backend_error, backend_error)

int backend_error_code(const GError *error)
{
    return error != NULL && error->domain == BACKEND_ERROR ? error->code : BACKEND_ERROR_FAILED;
}
