/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/backend.h"

G_DEFINE_QUARK(virt - memtune - backend - error, backend_error)
