/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from outside, made harmless at the model's border. Everything that comes from a hypervisor,
 * a file or another program and may reach a terminal, a log or JSON passes through here.
 */
#ifndef MODEL_TEXT_H
#define MODEL_TEXT_H

#include <glib.h>

/* Valid UTF-8 without C0, DEL, C1, bidi controls, zero-width and other invisible format characters
 * (Unicode Cf, Zl, Zp, noncharacters): each becomes a visible escape, "\x9b", "\u202e", "\t"; bytes
 * that are not UTF-8 become "\xNN". A backslash stays as it is. NULL gives "". Newly allocated;
 * never longer than 4 KiB of output (then it ends in "…"). */
char *text_clean(const char *raw);

/* text_clean() of the first line or sentence of an error text, without a final stop. */
char *text_clean_sentence(const char *raw);

/* True where text_clean() would return the same bytes. */
gboolean text_is_clean(const char *raw);

/* Quoted for a POSIX shell (g_shell_quote, but bare where no quoting is needed). Newly allocated. */
char *text_shell_quote(const char *raw);

#endif
