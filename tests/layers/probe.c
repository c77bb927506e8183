/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links when its layer is closed under the symbols that it may know. */
int main(void)
{
    return 0;
}
