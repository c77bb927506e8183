/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/journal-author.h"

#include "model/text.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

static char *user_name(void)
{
    uid_t uid = getuid();
    char room[4096];
    struct passwd entry, *found = NULL;

    if (getpwuid_r(uid, &entry, room, sizeof room, &found) == 0 && found != NULL)
        return text_clean(found->pw_name);
    return g_strdup_printf("%u", (unsigned)uid);
}

/* The first word of a variable. */
static char *from_environment(const char *name)
{
    const char *text = g_getenv(name);
    g_autofree char *word = NULL;

    if (text == NULL || strcspn(text, " ") == 0)
        return NULL;
    word = g_strndup(text, strcspn(text, " "));
    return text_clean(word);
}

struct journal_author *journal_author_new(void)
{
    struct journal_author *author = g_new0(struct journal_author, 1);

    author->user = user_name();
    author->sudo_user = from_environment("SUDO_USER");
    author->ssh_address = from_environment("SSH_CONNECTION");
    author->machine = text_clean(g_get_host_name());
    author->pid = getpid();
    return author;
}

void journal_author_free(struct journal_author *author)
{
    if (author == NULL)
        return;
    g_free(author->user);
    g_free(author->sudo_user);
    g_free(author->ssh_address);
    g_free(author->machine);
    g_free(author);
}
