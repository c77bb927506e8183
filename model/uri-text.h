/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an address says before anybody connects: its password, and programs that it names.
 * Pure functions of the text, from any thread.
 */
#ifndef MODEL_URI_TEXT_H
#define MODEL_URI_TEXT_H

#include <stdbool.h>

/* "esx://root@host/": without the password. Newly allocated. */
char *uri_without_password(const char *uri);

/* The query names `name`, in whatever case and escaping. A name that is spelled wrongly counts as
 * any. */
bool uri_has_parameter(const char *uri, const char *name);

/* Why connecting would run a program that the address names, or programs from where it names; NULL
 * where it names none. A static string. libvirt's parameters: https://libvirt.org/uri.html; "root"
 * is the OpenVZ backend's. */
const char *uri_program(const char *uri);

#endif
