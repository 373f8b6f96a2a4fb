/* utf8.h - the characters of UTF-8 text (RFC 3629), and text that a terminal shows as it is. */
#ifndef BS_KERNELS_BASE_UTF8_H
#define BS_KERNELS_BASE_UTF8_H

#include <stddef.h>

/* Bytes of the UTF-8 character at p (n left), 0 when it is none. Overlong forms and surrogates are none. */
size_t bs_utf8_length(const unsigned char *p, size_t n);

/* Replaces control characters (but for ends of lines and tabs) and bytes that are no UTF-8 by '?': names out of damaged files come into
 * messages and logs, and what is cut to a length may end within a character. */
void bs_utf8_tame(char *text);

#endif
