/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `tunables`: the catalogue, from the very tables that the form and `set` are made of; and the same
 * as a manual page. */
#include "model/size.h"
#include "ui/commands.h"
#include "ui/json.h"
#include "ui/options.h"
#include "ui/out.h"

#include <string.h>

static const char *unit_name(const struct tunable *tunable)
{
    switch (tunable->unit) {
    case UNIT_BYTES:
        return "a size";
    case UNIT_COUNT:
        return "a count";
    case UNIT_PLAIN:
        return "a number";
    case UNIT_SHARES:
        return "a weight";
    case UNIT_SECONDS:
    case UNIT_AGE:
        return "seconds";
    case UNIT_PERCENT:
        return "percent";
    case UNIT_CENTI_PERCENT:
        return "hundredths of a percent";
    case UNIT_MICROSECONDS:
        return "microseconds";
    case UNIT_TIME:
        return "a time";
    case UNIT_FLAG:
        return "yes or no";
    }
    return "";
}

static void append_number(GString *text, const struct tunable *tunable, const char *before,
                          uint64_t number)
{
    char size[SIZE_TEXT_MAX];
    size_format_value(value_number(number), tunable->unit == UNIT_BYTES ? UNIT_BYTES : UNIT_PLAIN,
                      NULL, size);
    g_string_append_printf(text, "%s%s", before, size);
}

/* "a size from 1 MiB, in steps of 4 MiB, or none". */
static char *range_of(const struct tunable *tunable)
{
    GString *text = g_string_new(unit_name(tunable));
    if (tunable->min)
        append_number(text, tunable, " from ", tunable->min);
    if (tunable->max)
        append_number(text, tunable, tunable->min ? " to " : " up to ", tunable->max);
    if (tunable->step > 1)
        append_number(text, tunable, ", in steps of ", tunable->step);
    else if (tunable->granule > 1)
        append_number(text, tunable, ", rounded down to ", tunable->granule);
    if (tunable->bare > 1)
        append_number(text, tunable, "; a bare number counts ", tunable->bare);
    for (size_t i = 0; tunable->choices && tunable->choices[i]; i++)
        g_string_append_printf(text, "%s%s", i ? ", " : ": ", tunable->choices[i]);
    if (tunable->unlimited)
        g_string_append(text, "; or none");
    if (tunable->unset)
        g_string_append(text, "; or unset");
    return g_string_free(text, FALSE);
}

static const char *scopes_of(const struct backend *backend, const struct tunable *tunable)
{
    static const char *const words[] = {
        [0] = "read only",
        [SCOPE_LIVE] = "live only",
        [SCOPE_CONFIG] = "persistent only",
        [SCOPE_BOTH] = "live and persistent",
    };
    if (tunable->scopes && backend->flags & BACKEND_ONE_SCOPE)
        return "one set of values, live and persistent alike";
    return words[tunable->scopes & SCOPE_BOTH];
}

static const char *readback_of(const struct tunable *tunable)
{
    switch (tunable->readback) {
    case READBACK_EXACT:
        return "read back exactly";
    case READBACK_CONVERGES:
        return "a request: the value is on its way for a while";
    case READBACK_NONE:
        return "cannot be read back";
    }
    return "";
}

static char *names_of(const struct tunable *tunable)
{
    GString *text = g_string_new(NULL);
    if (tunable->native)
        g_string_append_printf(text, "; native %s", tunable->native);
    if (tunable->libvirt)
        g_string_append_printf(text, "; libvirt %s", tunable->libvirt);
    if (role_name(tunable->role) && strcmp(role_name(tunable->role), tunable->name) != 0)
        g_string_append_printf(text, "; also %s", role_name(tunable->role));
    for (size_t i = 0; tunable->aliases && tunable->aliases[i]; i++)
        g_string_append_printf(text, "; also %s", tunable->aliases[i]);
    char *names = g_strdup(text->len ? text->str + 2 : "");
    g_string_free(text, TRUE);
    return names;
}

/* --- text --------------------------------------------------------------------------------- */

static void print_wrapped(const char *text, const char *indent)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    g_autoptr(GString) line = g_string_new(indent);
    bool empty = true;
    for (char **word = words; *word; word++) {
        if (!empty && line->len + strlen(*word) >= 80) {
            out_line("%s", line->str);
            g_string_assign(line, indent);
            empty = true;
        }
        g_string_append_printf(line, "%s%s", empty ? "" : " ", *word);
        empty = false;
    }
    out_line("%s", line->str);
}

static void print_tunable(const struct backend *backend, const struct tunable *tunable)
{
    g_autofree char *names = names_of(tunable), *range = range_of(tunable);
    g_autofree char *facts =
        g_strdup_printf("%s; %s; %s", range, scopes_of(backend, tunable), readback_of(tunable));
    out_line("  %s%s%s%s", tunable->name, *names ? "  (" : "", names, *names ? ")" : "");
    print_wrapped(tunable->help ? tunable->help : tunable->label, "      ");
    print_wrapped(facts, "      ");
    if (tunable->source) {
        g_autofree char *source = g_strdup_printf("Written by %s.", tunable->source);
        print_wrapped(source, "      ");
    }
}

static void print_backend(const struct backend *backend)
{
    const char *section = NULL;
    out_line("%s (%s)", backend->title, backend->name);
    for (const struct tunable *t = backend->tunables; t && t->name; t++) {
        if (t->section && g_strcmp0(t->section, section) != 0)
            out_line("\n %s", t->section);
        section = t->section;
        print_tunable(backend, t);
    }
}

/* --- JSON and CSV -------------------------------------------------------------------------- */

static void tunable_object(JsonBuilder *builder, const struct backend *backend,
                           const struct tunable *tunable)
{
    g_autofree char *range = range_of(tunable);
    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "schema");
    json_builder_add_int_value(builder, JSON_SCHEMA);
    json_member(builder, "hypervisor", backend->name);
    json_member(builder, "name", tunable->name);
    json_member(builder, "native", tunable->native);
    json_member(builder, "libvirt", tunable->libvirt);
    json_member(builder, "role", role_name(tunable->role));
    json_member(builder, "values", range);
    json_member(builder, "scopes", scopes_of(backend, tunable));
    json_member(builder, "readback", readback_of(tunable));
    json_member(builder, "source", tunable->source);
    json_member(builder, "help", tunable->help);
    json_builder_end_object(builder);
    json_print(builder);
}

static void json_backend(const struct backend *backend)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    for (const struct tunable *t = backend->tunables; t && t->name; t++)
        tunable_object(builder, backend, t);
}

static void csv_backend(const struct backend *backend)
{
    struct out_table *table = out_table_new(FORMAT_CSV);
    for (const struct tunable *t = backend->tunables; t && t->name; t++) {
        g_autofree char *range = range_of(t);
        const char *cells[] = {backend->name,         t->name,   t->native, t->libvirt, range,
                               scopes_of(backend, t), t->source, t->help};
        for (size_t i = 0; i < G_N_ELEMENTS(cells); i++)
            out_table_cell(table, cells[i], false);
        out_table_end_row(table);
    }
    out_table_print(table);
    out_table_free(table);
}

/* --- the manual page ------------------------------------------------------------------------ */

/* Text as roff reads it literally. */
static void mdoc_text(const char *text)
{
    g_autoptr(GString) line = g_string_new(NULL);
    if (*text == '.' || *text == '\'')
        g_string_append(line, "\\&");
    for (; *text; text++) {
        if (*text == '\\')
            g_string_append(line, "\\e");
        else if (*text == '\n')
            g_string_append_c(line, ' ');
        else
            g_string_append_c(line, *text);
        /* A new sentence is a new line. */
        if (*text == '.' && text[1] == ' ' && g_ascii_isupper(text[2])) {
            g_string_append_c(line, '\n');
            text++;
        }
    }
    out_line("%s", line->str);
}

/* The same as the arguments of a macro. */
static void mdoc_words(const char *macro, const char *text)
{
    g_autoptr(GString) line = g_string_new(NULL);
    for (; *text; text++)
        if (*text == '\\')
            g_string_append(line, "\\e");
        else if (*text == '"')
            g_string_append(line, "\\(dq");
        else
            g_string_append_c(line, *text);
    out_line("%s \"%s\"", macro, line->str);
}

static void mdoc_tunable(const struct backend *backend, const struct tunable *tunable)
{
    g_autofree char *names = names_of(tunable), *range = range_of(tunable);
    g_autofree char *facts = g_strdup_printf("Takes %s; %s; %s.", range,
                                             scopes_of(backend, tunable), readback_of(tunable));
    mdoc_words(".It Ic", tunable->name);
    if (*names) {
        mdoc_text(names);
        out_line(".br");
    }
    mdoc_text(tunable->help ? tunable->help : tunable->label);
    mdoc_text(facts);
    if (tunable->source) {
        g_autofree char *source = g_strdup_printf("Written by %s.", tunable->source);
        mdoc_text(source);
    }
}

static void mdoc_backend(const struct backend *backend)
{
    mdoc_words(".Ss", backend->title);
    out_line(".Bl -tag -width Ds");
    for (const struct tunable *t = backend->tunables; t && t->name; t++)
        mdoc_tunable(backend, t);
    out_line(".El");
}

static void mdoc_head(void)
{
    out_text(".\\\" Made by the program from its own tables.\n"
             ".Dd November 22, 2026\n"
             ".Dt VIRT-MEMTUNE-TUNABLES 7\n"
             ".Os\n"
             ".Sh NAME\n"
             ".Nm virt-memtune-tunables\n"
             ".Nd what each hypervisor lets be tuned of memory\n"
             ".Sh DESCRIPTION\n"
             "Every tunable that\n"
             ".Xr virt-memtune 1\n"
             "shows and sets, by hypervisor: its name on the command line, the hypervisor's own\n"
             "name, libvirt's name, what it does and what it can break, what it takes, and where\n"
             "it is written.\n"
             ".Sh TUNABLES\n");
}

static int mdoc(const struct options *options)
{
    mdoc_head();
    for (size_t i = 0; options->backends[i]; i++)
        if (!(options->backends[i]->flags & BACKEND_FOR_TESTS))
            mdoc_backend(options->backends[i]);
    out_text(".Sh SEE ALSO\n.Xr virt-memtune 1 ,\n.Xr virt-memtune 5\n");
    return out_end(STATUS_DONE);
}

/* --- the command ---------------------------------------------------------------------------- */

static bool is_wanted(const struct options *options, const struct backend *backend)
{
    const char *name = options->words ? *options->words : NULL;
    if (!name)
        return !(backend->flags & BACKEND_FOR_TESTS);
    bool scheme = false;
    for (size_t i = 0; backend->schemes && backend->schemes[i]; i++)
        scheme |= g_ascii_strcasecmp(backend->schemes[i], name) == 0;
    return scheme || g_ascii_strcasecmp(backend->name, name) == 0;
}

static int unknown(const struct options *options)
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (size_t i = 0; options->backends[i]; i++)
        g_string_append_printf(names, "%s%s", i ? ", " : "", options->backends[i]->name);
    out_message("there is no hypervisor \"%s\"; there are %s", *options->words, names->str);
    return STATUS_USAGE;
}

int tunables_run(const struct options *options)
{
    unsigned n = 0;
    if (options->mdoc)
        return mdoc(options);
    if (options->csv)
        out_line("hypervisor,name,native,libvirt,values,scopes,source,help");
    for (size_t i = 0; options->backends[i]; i++) {
        if (!is_wanted(options, options->backends[i]))
            continue;
        if (n++ && options_format(options) == FORMAT_TEXT)
            out_line("%s", "");
        if (options->json)
            json_backend(options->backends[i]);
        else if (options->csv)
            csv_backend(options->backends[i]);
        else
            print_backend(options->backends[i]);
    }
    if (n == 0 && options->words && *options->words)
        return unknown(options);
    return out_end(STATUS_DONE);
}
