/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#define LEAVE_WAIT_MS 300

struct term {
    int fd;     /* the terminal, non-blocking, our own description */
    int memory; /* what curses writes to */
    FILE *file; /* the same, as curses wants it */
    SCREEN *screen;
    bool plain, mouse, ansi, utf8, entered;
    int rows, columns;
    struct termios saved, raw;
    GByteArray *out;         /* on its way to the terminal */
    guint sent;              /* of it */
    struct grid_cell *shown; /* what curses was told last */
    bool forget;
    cchar_t *line;
    attr_t attrs[PAINT_COUNT_];
    short pairs[PAINT_COUNT_];
    int cursor;
};

/* --- after a crash ------------------------------------------------------------------------- */

/* What the handler needs cannot be passed to it. Written only while the terminal is taken. */
static struct {
    volatile sig_atomic_t armed;
    int fd;
    struct termios saved;
    char bytes[256];
    size_t n;
    struct sigaction before[NSIG];
} rescue;

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

static void rescue_run(int signo)
{
    if (rescue.armed) {
        rescue.armed = 0;
        if (write(rescue.fd, rescue.bytes, rescue.n) < 0)
            (void)0; /* nothing is left to be done */
        tcsetattr(rescue.fd, TCSANOW, &rescue.saved);
    }
    sigaction(signo, &rescue.before[signo], NULL);
    raise(signo);
}

static void rescue_arm(struct term *term, const char *bytes, size_t n)
{
    struct sigaction action = {.sa_handler = rescue_run, .sa_flags = SA_NODEFER};

    rescue.fd = term->fd;
    rescue.saved = term->saved;
    rescue.n = MIN(n, sizeof rescue.bytes);
    memcpy(rescue.bytes, bytes, rescue.n);
    for (size_t i = 0; i < G_N_ELEMENTS(fatal_signals); i++)
        sigaction(fatal_signals[i], &action, &rescue.before[fatal_signals[i]]);
    rescue.armed = 1;
}

static void rescue_disarm(void)
{
    if (!rescue.armed)
        return;
    rescue.armed = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(fatal_signals); i++)
        sigaction(fatal_signals[i], &rescue.before[fatal_signals[i]], NULL);
}

/* --- bytes --------------------------------------------------------------------------------- */

static const char *capability(const char *name)
{
    const char *text = tigetstr(name);

    return text && text != (const char *)-1 ? text : "";
}

static void remove_bytes(GByteArray *bytes, const char *text)
{
    size_t n = strlen(text);
    guint8 *at = n ? memmem(bytes->data, bytes->len, text, n) : NULL;

    if (at)
        g_byte_array_remove_range(bytes, (guint)(at - bytes->data), (guint)n);
}

/* Moves what curses wrote to the end of what is to be sent. */
static void collect(struct term *term)
{
    off_t size;
    guint before = term->out->len;

    fflush(term->file);
    size = lseek(term->memory, 0, SEEK_CUR);
    if (size <= 0)
        return;
    g_byte_array_set_size(term->out, before + (guint)size);
    if (pread(term->memory, term->out->data + before, (size_t)size, 0) != size)
        g_byte_array_set_size(term->out, before);
    if (ftruncate(term->memory, 0) == 0)
        lseek(term->memory, 0, SEEK_SET);
    if (term->plain) {
        remove_bytes(term->out, capability("smcup"));
        remove_bytes(term->out, capability("rmcup"));
    }
}

void term_send(struct term *term, const char *bytes, size_t n)
{
    g_byte_array_append(term->out, (const guint8 *)bytes, (guint)n);
}

bool term_pending(const struct term *term)
{
    return term->out->len > term->sent;
}

bool term_pump(struct term *term)
{
    while (term_pending(term)) {
        ssize_t n = write(term->fd, term->out->data + term->sent, term->out->len - term->sent);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        term->sent += (guint)n;
    }
    g_byte_array_set_size(term->out, 0);
    term->sent = 0;
    return true;
}

/* For the moments when somebody else is about to use the terminal. */
static void drain(struct term *term, int ms)
{
    gint64 end = g_get_monotonic_time() + ms * 1000;

    while (term_pump(term) && term_pending(term)) {
        struct pollfd wait = {.fd = term->fd, .events = POLLOUT};
        gint64 left = (end - g_get_monotonic_time()) / 1000;

        if (left <= 0 || poll(&wait, 1, (int)left) <= 0)
            break;
        if (wait.revents & (POLLHUP | POLLERR))
            break;
    }
}

gssize term_read(struct term *term, uint8_t *bytes, size_t n)
{
    ssize_t got;

    do
        got = read(term->fd, bytes, n);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        return got;
    return got < 0 && errno == EAGAIN ? 0 : -1;
}

void term_flush_input(struct term *term)
{
    tcflush(term->fd, TCIFLUSH);
}

/* --- open and close ------------------------------------------------------------------------ */

static const char mode_on[] = "\033[?2004h";
static const char mode_off[] = "\033[?2004l";
static const char mouse_on[] = "\033[?1000h\033[?1006h";
static const char mouse_off[] = "\033[?1006l\033[?1000l";

static bool check_term(GError **error)
{
    const char *name = g_getenv("TERM");

    if (!name || !*name || g_str_equal(name, "dumb") || g_str_equal(name, "unknown")) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "TERM=%s cannot show a screen: use -b for plain text", name ? name : "");
        return false;
    }
    return true;
}

static bool open_tty(struct term *term, GError **error)
{
    const char *path = isatty(STDOUT_FILENO) ? ttyname(STDOUT_FILENO) : NULL;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "standard %s is not a terminal: use -b for plain text",
                    isatty(STDIN_FILENO) ? "output" : "input");
        return false;
    }
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

static bool open_curses(struct term *term, GError **error)
{
    term->memory = memfd_create("screen", MFD_CLOEXEC);
    term->file = term->memory >= 0 ? fdopen(term->memory, "w+") : NULL;
    use_env(FALSE);
    term->screen = term->file ? newterm(NULL, term->file, term->file) : NULL;
    if (!term->screen || !*capability("cup")) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "TERM=%s is not known here or cannot show a screen: "
                    "set TERM (xterm, linux, vt100) or use -b for plain text",
                    g_getenv("TERM"));
        return false;
    }
    signal(SIGTSTP, SIG_DFL); /* curses has its own idea; ours is term_leave() */
    nonl();
    noecho();
    typeahead(-1);
    leaveok(stdscr, FALSE);
    scrollok(stdscr, FALSE);
    if (has_colors()) {
        start_color();
        if (use_default_colors() != OK)
            assume_default_colors(COLOR_WHITE, COLOR_BLACK);
    }
    term->cursor = 1;
    return true;
}

struct term *term_open(const struct term_options *options, GError **error)
{
    struct term *term;
    const char *name = g_getenv("TERM");

    if (!check_term(error))
        return NULL;
    term = g_new0(struct term, 1);
    term->fd = term->memory = -1;
    term->plain = options->plain;
    term->out = g_byte_array_new();
    term->utf8 = g_str_equal(nl_langinfo(CODESET), "UTF-8");
    if (!open_tty(term, error) || !open_curses(term, error)) {
        term_close(term);
        return NULL;
    }
    term->ansi = g_str_has_prefix(capability("cup"), "\033[");
    term->mouse = !options->no_mouse && !options->plain && term->ansi && *capability("kmous") &&
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
    if (term->screen)
        delscreen(term->screen);
    if (term->file)
        fclose(term->file);
    else if (term->memory >= 0)
        close(term->memory);
    if (term->fd >= 0)
        close(term->fd);
    g_byte_array_free(term->out, TRUE);
    g_free(term->shown);
    g_free(term->line);
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
    g_string_append_printf(rescue_bytes, "%s%s%s\r\n", capability("sgr0"), capability("cnorm"),
                           term->plain ? "" : capability("rmcup"));
    rescue_arm(term, rescue_bytes->str, rescue_bytes->len);
    if (term->ansi)
        term_send(term, mode_on, strlen(mode_on));
    if (term->mouse)
        term_send(term, mouse_on, strlen(mouse_on));
    term->entered = true;
    term_forget(term);
}

void term_leave(struct term *term)
{
    if (!term->entered)
        return;
    term->entered = false;
    if (term_pending(term)) { /* half a picture: what was begun ends here */
        drain(term, LEAVE_WAIT_MS / 3);
        if (term_pending(term)) {
            g_byte_array_set_size(term->out, 0);
            term->sent = 0;
            term_send(term, "\030", 1);
        }
    }
    endwin();
    collect(term);
    if (term->mouse)
        term_send(term, mouse_off, strlen(mouse_off));
    if (term->ansi)
        term_send(term, mode_off, strlen(mode_off));
    if (term->plain)
        term_send(term, "\r\n", 2);
    drain(term, LEAVE_WAIT_MS);
    rescue_disarm();
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
    return has_colors() ? MAX(COLORS, 0) : 0;
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
    resize_term(rows, columns);
    term->shown = g_renew(struct grid_cell, term->shown, (gsize)rows * (gsize)columns);
    term->line = g_renew(cchar_t, term->line, (gsize)columns + 1);
    term_forget(term);
    return true;
}

void term_size(const struct term *term, int *rows, int *columns)
{
    *rows = term->rows;
    *columns = term->columns;
}

/* --- drawing ------------------------------------------------------------------------------- */

static short color_of(short color, bool foreground, attr_t *attrs)
{
    if (color >= COLORS && color >= 8 && color < 16) {
        color = (short)(color - 8);
        if (foreground)
            *attrs |= A_BOLD;
    }
    return color < COLORS ? color : -1;
}

void term_theme(struct term *term, const struct theme *theme)
{
    static const struct {
        unsigned style;
        attr_t attr;
    } attrs[] = {{STYLE_BOLD, A_BOLD},
                 {STYLE_DIM, A_DIM},
                 {STYLE_UNDERLINE, A_UNDERLINE},
                 {STYLE_REVERSE, A_REVERSE}};

    for (int i = 0; i < PAINT_COUNT_; i++) {
        const struct style *style = &theme->styles[i];

        term->attrs[i] = A_NORMAL;
        term->pairs[i] = 0;
        for (size_t j = 0; j < G_N_ELEMENTS(attrs); j++)
            if (style->attrs & attrs[j].style)
                term->attrs[i] |= attrs[j].attr;
        if (has_colors() && i + 1 < COLOR_PAIRS &&
            (style->foreground >= 0 || style->background >= 0)) {
            short foreground = color_of(style->foreground, true, &term->attrs[i]);
            short background = color_of(style->background, false, &term->attrs[i]);

            if (init_pair((short)(i + 1), foreground, background) == OK)
                term->pairs[i] = (short)(i + 1);
        }
    }
    term_forget(term);
}

void term_forget(struct term *term)
{
    term->forget = true;
}

static void draw_row(struct term *term, int row, const struct grid_cell *cells)
{
    int n = 0;

    for (int i = 0; i < term->columns; i++) {
        const struct grid_cell *cell = &cells[i];
        wchar_t text[4] = {(wchar_t)cell->character, (wchar_t)cell->marks[0],
                           (wchar_t)cell->marks[1], 0};

        if (!cell->character)
            continue;
        if (!term->utf8 && cell->character > 126) {
            text[0] = '?';
            text[1] = 0;
        }
        setcchar(&term->line[n++], text, term->attrs[cell->paint], term->pairs[cell->paint], NULL);
    }
    mvadd_wchnstr(row, 0, term->line, n);
}

bool term_draw(struct term *term, const struct grid *grid)
{
    int cursor = grid->cursor_row >= 0 && (grid->cursor_seen || term->plain);
    gsize width = sizeof *grid->cells * (gsize)term->columns;

    if (term_pending(term) && term->sent) /* a picture is on its way */
        return false;
    if (grid->rows != term->rows || grid->columns != term->columns)
        return true; /* a resize is about to draw it again */
    for (int row = 0; row < term->rows; row++) {
        const struct grid_cell *cells = &grid->cells[row * grid->columns];
        struct grid_cell *shown = &term->shown[row * grid->columns];

        if (!term->forget && !memcmp(cells, shown, width))
            continue;
        memcpy(shown, cells, width);
        draw_row(term, row, cells);
    }
    if (term->forget)
        clearok(curscr, TRUE);
    term->forget = false;
    if (cursor != term->cursor)
        curs_set(term->cursor = cursor);
    if (grid->cursor_row >= 0)
        move(grid->cursor_row, grid->cursor_column);
    refresh();
    collect(term);
    return true;
}
