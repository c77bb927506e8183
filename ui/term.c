/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* <term.h>, which declares it, has a struct term of its own. */
extern int setupterm(const char *name, int fd, int *status);

#define LEAVE_WAIT_MS 300
#define ANSWER_WAIT_MS 100

/* What of terminfo is used. */
enum capability {
    CAP_CUP,   /* moves to row and column */
    CAP_CUF,   /* moves right by a number */
    CAP_CLEAR, /* also goes home */
    CAP_EL,    /* erases to the end of the line */
    CAP_SMCUP,
    CAP_RMCUP,
    CAP_CIVIS,
    CAP_CNORM,
    CAP_SGR0,
    CAP_BOLD,
    CAP_DIM,
    CAP_SMUL,
    CAP_REV,
    CAP_SETAF,
    CAP_SETAB,
    CAP_KMOUS,
    CAP_COUNT_,
};

static const char *const capability_names[CAP_COUNT_] = {
    "cup",  "cuf",  "clear", "el",   "smcup", "rmcup", "civis", "cnorm",
    "sgr0", "bold", "dim",   "smul", "rev",   "setaf", "setab", "kmous",
};

struct term {
    int fd; /* the terminal, non-blocking, our own description */
    bool plain, mouse, ansi, utf8, entered;
    bool keeps_corner; /* writing the last cell of the last row does not scroll */
    int rows, columns, colors;
    struct termios saved, raw;
    char *caps[CAP_COUNT_];
    GByteArray *out;         /* on its way to the terminal */
    guint sent;              /* of it */
    struct grid_cell *shown; /* what the terminal shows, once `out` is there */
    bool forget;
    bool answers;     /* it has answered a status request */
    gint64 asked;     /* when one was sent that is not answered yet; 0 none */
    guint before_ask; /* bytes sent up to it and since the last answer … */
    guint since_ask;  /* … and after it */
    char *styles[PAINT_COUNT_];
    int row, column; /* where the cursor is; row -1: not known */
    int paint;       /* as it writes; -1: not known */
    int cursor;      /* 0 hidden, 1 shown, -1 not known */
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

void term_send(struct term *term, const char *bytes, size_t n)
{
    g_byte_array_append(term->out, (const guint8 *)bytes, (guint)n);
}

/* A capability without its padding ("$<5>"): a buffer is between us and any slow terminal. */
static void put_text(struct term *term, const char *text)
{
    const char *padding;

    while ((padding = strstr(text, "$<")) && strchr(padding, '>')) {
        term_send(term, text, (size_t)(padding - text));
        text = strchr(padding, '>') + 1;
    }
    term_send(term, text, strlen(text));
}

static void go_to(struct term *term, int row, int column)
{
    if (term->row == row && column > term->column && *term->caps[CAP_CUF])
        put_text(term, tparm(term->caps[CAP_CUF], (long)(column - term->column)));
    else
        put_text(term, tparm(term->caps[CAP_CUP], (long)row, (long)column));
    term->row = row;
    term->column = column;
}

bool term_pending(const struct term *term)
{
    return term->out->len > term->sent;
}

#define UNANSWERED_MAX 1024             /* bytes that may be under way unseen */
#define ASK_EVERY 512                   /* bytes */
#define ANSWER_US (G_USEC_PER_SEC * 10) /* after which an answer is not waited for any more */

bool term_busy(const struct term *term)
{
    return term_pending(term) ||
           (term->answers && term->asked && term->before_ask + term->since_ask > UNANSWERED_MAX &&
            g_get_monotonic_time() - term->asked < ANSWER_US);
}

void term_answered(struct term *term)
{
    term->answers = true;
    term->asked = 0;
    term->before_ask = term->since_ask;
    term->since_ask = 0;
}

/* After a picture of `n` bytes. */
static void ask(struct term *term, guint n)
{
    static const char request[] = "\033[5n";

    if (term->asked && g_get_monotonic_time() - term->asked > ANSWER_US)
        term->asked = 0; /* it got lost */
    if (term->asked) {
        term->since_ask += n;
        return;
    }
    term->before_ask += n;
    if (!term->ansi || term->before_ask < ASK_EVERY)
        return;
    term_send(term, request, strlen(request));
    term->asked = g_get_monotonic_time();
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
    term->asked = 0; /* the answer may be among it */
    term->before_ask = term->since_ask = 0;
}

/* --- open and close ------------------------------------------------------------------------ */

static const char mode_on[] = "\033[?2004h";
static const char mode_off[] = "\033[?2004l";
static const char mouse_on[] = "\033[?1000h\033[?1006h";
static const char mouse_off[] = "\033[?1006l\033[?1000l";

static bool check_term(GError **error)
{
    const char *name = g_getenv("TERM");
    int status = 0;

    if (!name || !*name || g_str_equal(name, "dumb") || g_str_equal(name, "unknown")) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "TERM=%s cannot show a screen: use -b for plain text", name ? name : "");
        return false;
    }
    if (setupterm(NULL, STDOUT_FILENO, &status) != OK || !tigetstr("cup") || !tigetstr("clear")) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "TERM=%s is not known here or cannot show a screen: "
                    "set TERM (xterm, linux, vt100) or use -b for plain text",
                    name);
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

    if (!check_term(error))
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
    rescue_arm(term, rescue_bytes->str, rescue_bytes->len);
    if (!term->plain)
        put_text(term, term->caps[CAP_SMCUP]);
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
        drain(term, LEAVE_WAIT_MS / 3);
        if (term_pending(term)) {
            g_byte_array_set_size(term->out, 0);
            term->sent = 0;
            term_send(term, "\030", 1);
        }
    }
    put_text(term, term->caps[CAP_SGR0]);
    go_to(term, term->rows - 1, 0);
    if (!term->plain)
        put_text(term, term->caps[CAP_RMCUP]);
    put_text(term, term->caps[CAP_CNORM]);
    if (term->mouse)
        term_send(term, mouse_off, strlen(mouse_off));
    if (term->ansi)
        term_send(term, mode_off, strlen(mode_off));
    if (term->plain)
        term_send(term, "\r\n", 2);
    drain(term, LEAVE_WAIT_MS);
    take_answer(term);
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

/* --- styles -------------------------------------------------------------------------------- */

static short color_of(const struct term *term, short color, bool foreground, unsigned *attrs)
{
    if (color >= term->colors && color >= 8 && color < 16) {
        color = (short)(color - 8);
        if (foreground)
            *attrs |= STYLE_BOLD;
    }
    return color < term->colors ? color : -1;
}

/* The sequences one after the other; where all are ESC [ … m, as one. */
static char *join_style(char *const *parts, size_t n)
{
    GString *joined = g_string_new("\033[");
    GString *plain = g_string_new(NULL);
    bool same = true;

    for (size_t i = 0; i < n; i++) {
        const char *part = parts[i];

        g_string_append(plain, part);
        if (i == 0 && g_str_has_prefix(part, "\033(B"))
            part += strlen("\033(B"); /* no other character set is ever chosen */
        if (g_str_has_prefix(part, "\033[") && strcspn(part + 2, "m") + 3 == strlen(part))
            g_string_append_printf(joined, "%s%.*s", i ? ";" : "", (int)strlen(part) - 3, part + 2);
        else
            same = false;
    }
    g_string_append_c(joined, 'm');
    g_string_free(same ? plain : joined, TRUE);
    return g_string_free(same ? joined : plain, FALSE);
}

static char *make_style(const struct term *term, const struct style *style)
{
    static const struct {
        unsigned style;
        enum capability capability;
    } attr_caps[] = {{STYLE_BOLD, CAP_BOLD},
                     {STYLE_DIM, CAP_DIM},
                     {STYLE_UNDERLINE, CAP_SMUL},
                     {STYLE_REVERSE, CAP_REV}};
    unsigned attrs = style->attrs;
    short foreground = color_of(term, style->foreground, true, &attrs);
    short background = color_of(term, style->background, false, &attrs);
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(parts, g_strdup(term->caps[CAP_SGR0]));
    for (size_t i = 0; i < G_N_ELEMENTS(attr_caps); i++)
        if ((attrs & attr_caps[i].style) && *term->caps[attr_caps[i].capability])
            g_ptr_array_add(parts, g_strdup(term->caps[attr_caps[i].capability]));
    if (foreground >= 0)
        g_ptr_array_add(parts, g_strdup(tparm(term->caps[CAP_SETAF], (long)foreground)));
    if (background >= 0)
        g_ptr_array_add(parts, g_strdup(tparm(term->caps[CAP_SETAB], (long)background)));
    return join_style((char *const *)parts->pdata, parts->len);
}

void term_theme(struct term *term, const struct theme *theme)
{
    for (size_t i = 0; i < PAINT_COUNT_; i++) {
        g_free(term->styles[i]);
        term->styles[i] = make_style(term, &theme->styles[i]);
    }
    term_forget(term);
}

/* --- drawing ------------------------------------------------------------------------------- */

#define GAP_MAX 5 /* so many unchanged cells are cheaper to write again than to jump over */

void term_forget(struct term *term)
{
    term->forget = true;
    term->row = term->paint = term->cursor = -1;
}

static void set_paint(struct term *term, enum paint paint)
{
    if (term->paint == (int)paint)
        return;
    put_text(term, term->styles[paint]);
    term->paint = (int)paint;
}

static void put_cell(struct term *term, const struct grid_cell *cell)
{
    const gunichar text[] = {cell->character, cell->marks[0], cell->marks[1]};
    bool wide = cell[1].character == 0 && term->column + 1 < term->columns;
    char utf8[6];

    set_paint(term, cell->paint);
    if (cell->character < 127 || !term->utf8) {
        utf8[0] = cell->character < 127 ? (char)cell->character : '?';
        g_byte_array_append(term->out, (guint8 *)utf8, 1);
        if (wide)
            g_byte_array_append(term->out, (const guint8 *)" ", 1);
        term->column += wide ? 2 : 1;
    } else {
        for (size_t i = 0; i < G_N_ELEMENTS(text) && text[i]; i++)
            g_byte_array_append(term->out, (guint8 *)utf8, (guint)g_unichar_to_utf8(text[i], utf8));
        term->column += wide ? 2 : 1;
        if (wide || cell->marks[0])
            term->row = -1; /* terminals differ in what they think of its width */
    }
    if (term->column >= term->columns)
        term->row = -1;
}

/* From where the cursor is to `column` of the same row. */
static void go_right(struct term *term, int row, int column, const struct grid_cell *cells)
{
    bool rewrite = term->row == row && column >= term->column && column - term->column <= GAP_MAX;

    for (int i = term->column; rewrite && i < column; i++)
        rewrite =
            (int)cells[i].paint == term->paint && cells[i].character && cells[i].character < 127;
    if (rewrite)
        while (term->column < column)
            put_cell(term, &cells[term->column]);
    else
        go_to(term, row, column);
}

/* The first cell from which the row is blank to its end. */
static int blank_from(const struct grid_cell *cells, int n)
{
    while (n > 0 && cells[n - 1].character == ' ' && cells[n - 1].paint == PAINT_TEXT &&
           !cells[n - 1].marks[0])
        n--;
    return n;
}

static void draw_row(struct term *term, int row, const struct grid_cell *cells,
                     struct grid_cell *shown)
{
    int end = blank_from(cells, term->columns), shown_end = blank_from(shown, term->columns);
    int last = row == term->rows - 1 && !term->keeps_corner ? term->columns - 1 : term->columns;
    bool erase = shown_end > end + GAP_MAX && *term->caps[CAP_EL];

    for (int i = 0; i < MIN(erase ? end : term->columns, last); i++) {
        if (!memcmp(&cells[i], &shown[i], sizeof *cells) &&
            !(i + 1 < term->columns && !cells[i + 1].character &&
              memcmp(&cells[i + 1], &shown[i + 1], sizeof *cells)))
            continue;
        if (!cells[i].character)
            continue; /* written with its left half */
        go_right(term, row, i, cells);
        put_cell(term, &cells[i]);
    }
    if (erase) {
        go_right(term, row, end, cells);
        set_paint(term, PAINT_TEXT);
        put_text(term, term->caps[CAP_EL]);
    }
    memcpy(shown, cells, sizeof *cells * (gsize)term->columns);
}

static void begin_anew(struct term *term)
{
    set_paint(term, PAINT_TEXT);
    put_text(term, term->caps[CAP_CLEAR]);
    term->row = term->column = 0;
    for (int i = 0; i < term->rows * term->columns; i++)
        term->shown[i] = (struct grid_cell){.character = ' '};
    term->forget = false;
}

bool term_draw(struct term *term, const struct grid *grid)
{
    guint before = term->out->len;
    int cursor = grid->cursor_row >= 0 && (grid->cursor_seen || term->plain);

    if (term_pending(term) && term->sent) /* a picture is on its way */
        return false;
    if (grid->rows != term->rows || grid->columns != term->columns)
        return true; /* a resize is about to draw it again */
    if (term->forget)
        begin_anew(term);
    for (int row = 0; row < term->rows; row++) {
        const struct grid_cell *cells = &grid->cells[row * grid->columns];
        struct grid_cell *shown = &term->shown[row * grid->columns];

        if (memcmp(cells, shown, sizeof *cells * (gsize)term->columns))
            draw_row(term, row, cells, shown);
    }
    if (cursor && (term->row != grid->cursor_row || term->column != grid->cursor_column))
        go_to(term, grid->cursor_row, grid->cursor_column);
    if (cursor != term->cursor)
        put_text(term, term->caps[cursor ? CAP_CNORM : CAP_CIVIS]);
    term->cursor = cursor;
    ask(term, term->out->len - before);
    return true;
}
