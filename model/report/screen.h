/* screen.h - pieces of the tables that commands print. */
#ifndef BS_MODEL_REPORT_SCREEN_H
#define BS_MODEL_REPORT_SCREEN_H

#include <stdio.h>

/* Text in `columns` columns of the terminal, blanks behind. */
void bs_report_cell(FILE *screen, const char *text, int columns);

/* A sentence behind a head ("-"), wrapped at blanks. */
void bs_report_wrapped(FILE *screen, const char *head, const char *text);

#endif
