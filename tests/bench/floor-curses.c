/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor of screen.py: a curses program that shows as many rows, moves a tenth of them once a
 * second, and a mark at a key. It reads nothing and knows nothing.
 */
#include <curses.h>
#include <locale.h>
#include <stdlib.h>
#include <time.h>

static void paint(int rows, int second, int selected)
{
    for (int i = 0; i < rows - 2; i++) {
        int moving = i % 10 == 0 ? second : 0;
        mvprintw(i + 1, 0, "%c vm-%05d           R %4dM [||||||||||||::::   ] 64.0G  63.%dG",
                 i == selected ? '>' : ' ', i, 512 + i + moving, 5 - (moving / 100) % 5);
    }
    mvprintw(0, COLS - 8, "%08d", second);
    refresh();
}

int main(int argc, char **argv)
{
    int rows = argc > 1 ? atoi(argv[1]) : 24, selected = 0;
    time_t begin = time(NULL);

    setlocale(LC_ALL, "");
    use_env(FALSE);
    initscr();
    cbreak();
    noecho();
    curs_set(0);
    for (;;) {
        int key;
        timeout(1000);
        key = getch();
        if (key == 'q')
            break;
        selected += key == 'j' ? 1 : key == 'k' ? -1 : 0;
        paint(rows, (int)(time(NULL) - begin), selected);
    }
    endwin();
    return 0;
}
