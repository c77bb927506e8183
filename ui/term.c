/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/term-private.h"
#include "ui/term-rescue.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <langinfo.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* <term.h>, which declares it, has a struct term of its own. */
extern int setupterm(const char *name, int fd, int *status);

#define LEAVE_WAIT_MS 300
#define ANSWER_WAIT_MS 100

static const char *const capability_names[CAP_COUNT_] = {
    "cup",  "cuf",  "clear", "el",   "smcup", "rmcup", "civis", "cnorm",
    "sgr0", "bold", "dim",   "smul", "rev",   "setaf", "setab", "kmous",
};

const char *term_parameter(const struct term *term, enum capability capability, long a, long b)
{
    return tparm(term->caps[capability], a, b);
}

static const char mode_on[] = "\033[?2004h";
static const char mode_off[] = "\033[?2004l";
static const char mouse_on[] = "\033[?1000h\033[?1006h";
static const char mouse_off[] = "\033[?1006l\033[?1000l";

bool term_usable(GError **error)
{
    const char *name = g_getenv("TERM");
    int status = 0;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "standard %s is not a terminal, and the screen needs one: use -b for tables",
                    isatty(STDIN_FILENO) ? "output" : "input");
        return false;
    }
    if (!name || !*name || g_str_equal(name, "dumb") || g_str_equal(name, "unknown")) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "TERM=%s cannot show a screen: use -b for tables", name ? name : "");
        return false;
    }
    if (setupterm(NULL, STDOUT_FILENO, &status) != OK || !tigetstr("cup") || !tigetstr("clear")) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "TERM=%s is not known here or cannot show a screen: "
                    "set TERM (xterm, linux, vt100) or use -b for tables",
                    name);
        return false;
    }
    return true;
}

static bool open_tty(struct term *term, GError **error)
{
    const char *path = ttyname(STDOUT_FILENO);

    term->fd = path ? open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
    if (term->fd < 0)
        term->fd = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (term->fd < 0 || tcgetattr(term->fd, &term->saved) < 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "the terminal %s: %s",
                    path ? path : "/dev/tty", g_strerror(errno));
        return false;
    }
    term->raw = term->saved;
    cfmakeraw(&term->raw);
    term->raw.c_cflag = term->saved.c_cflag;
    term->raw.c_cc[VMIN] = 1;
    term->raw.c_cc[VTIME] = 0;
    return true;
}

static void read_capabilities(struct term *term)
{
    for (size_t i = 0; i < CAP_COUNT_; i++) {
        const char *text = tigetstr(capability_names[i]);

        term->caps[i] = g_strdup(text && text != (const char *)-1 ? text : "");
    }
    term->colors = *term->caps[CAP_SETAF] ? MAX(tigetnum("colors"), 0) : 0;
    term->keeps_corner = tigetflag("am") != 1 || tigetflag("xenl") == 1;
    term->ansi = g_str_has_prefix(term->caps[CAP_CUP], "\033[");
}

struct term *term_open(const struct term_options *options, GError **error)
{
    struct term *term;
    const char *name = g_getenv("TERM");

    if (!term_usable(error))
        return NULL;
    term = g_new0(struct term, 1);
    term->fd = -1;
    term->plain = options->plain;
    term->out = g_byte_array_new();
    term->utf8 = g_str_equal(nl_langinfo(CODESET), "UTF-8");
    read_capabilities(term);
    if (!open_tty(term, error)) {
        term_close(term);
        return NULL;
    }
    term->mouse = !options->no_mouse && !options->plain && term->ansi && *term->caps[CAP_KMOUS] &&
                  !g_str_has_prefix(name, "linux");
    term_resize(term);
    term_enter(term);
    return term;
}

void term_close(struct term *term)
{
    if (!term)
        return;
    if (term->entered)
        term_leave(term);
    if (term->fd >= 0)
        close(term->fd);
    g_byte_array_free(term->out, TRUE);
    g_free(term->shown);
    for (size_t i = 0; i < CAP_COUNT_; i++)
        g_free(term->caps[i]);
    for (size_t i = 0; i < PAINT_COUNT_; i++)
        g_free(term->styles[i]);
    g_free(term);
}

void term_enter(struct term *term)
{
    g_autoptr(GString) rescue_bytes = g_string_new("\030");

    tcsetattr(term->fd, TCSANOW, &term->raw);
    if (term->ansi)
        g_string_append(rescue_bytes, mode_off);
    if (term->mouse)
        g_string_append(rescue_bytes, mouse_off);
    g_string_append_printf(rescue_bytes, "%s%s%s\r\n", term->caps[CAP_SGR0], term->caps[CAP_CNORM],
                           term->plain ? "" : term->caps[CAP_RMCUP]);
    term_rescue_arm(term->fd, &term->saved, rescue_bytes->str, rescue_bytes->len);
    if (!term->plain)
        term_put(term, term->caps[CAP_SMCUP]);
    if (term->ansi)
        term_send(term, mode_on, strlen(mode_on));
    if (term->mouse)
        term_send(term, mouse_on, strlen(mouse_on));
    term->entered = true;
    term_forget(term);
}

/* What was asked for must not be read by the shell as if somebody had typed it. */
static void take_answer(struct term *term)
{
    struct pollfd wait = {.fd = term->fd, .events = POLLIN};

    if (term->asked && term->answers)
        poll(&wait, 1, ANSWER_WAIT_MS);
    if (term->asked)
        term_flush_input(term);
}

void term_leave(struct term *term)
{
    if (!term->entered)
        return;
    term->entered = false;
    if (term_pending(term)) { /* half a picture: what was begun ends here */
        term_drain(term, LEAVE_WAIT_MS / 3);
        if (term_pending(term)) {
            g_byte_array_set_size(term->out, 0);
            term->sent = 0;
            term_send(term, "\030", 1);
        }
    }
    term_put(term, term->caps[CAP_SGR0]);
    term_go_to(term, term->rows - 1, 0);
    if (!term->plain)
        term_put(term, term->caps[CAP_RMCUP]);
    term_put(term, term->caps[CAP_CNORM]);
    if (term->mouse)
        term_send(term, mouse_off, strlen(mouse_off));
    if (term->ansi)
        term_send(term, mode_off, strlen(mode_off));
    if (term->plain)
        term_send(term, "\r\n", 2);
    term_drain(term, LEAVE_WAIT_MS);
    take_answer(term);
    term_rescue_disarm();
    tcsetattr(term->fd, TCSANOW, &term->saved);
}

int term_fd(const struct term *term)
{
    return term->fd;
}

bool term_utf8(const struct term *term)
{
    return term->utf8;
}

int term_colors(const struct term *term)
{
    return term->colors;
}

bool term_resize(struct term *term)
{
    struct winsize size = {0};
    int rows, columns;

    ioctl(term->fd, TIOCGWINSZ, &size);
    rows = size.ws_row ? CLAMP(size.ws_row, 1, 1000) : 24;
    columns = size.ws_col ? CLAMP(size.ws_col, 1, 1000) : 80;
    if (rows == term->rows && columns == term->columns)
        return false;
    term->rows = rows;
    term->columns = columns;
    term->shown = g_renew(struct grid_cell, term->shown, (gsize)rows * (gsize)columns);
    term_forget(term);
    return true;
}

void term_size(const struct term *term, int *rows, int *columns)
{
    *rows = term->rows;
    *columns = term->columns;
}
