#include "model/report/screen.h"

#include <string.h>

#include "model/core/text.h"

enum { LINE_COLUMNS = 118, TEXT_MAX = 512 };

void bs_report_cell(FILE *screen, const char *text, int columns)
{
    fprintf(screen, "%-*s", bs_text_pad(text, columns), text);
}

void bs_report_wrapped(FILE *screen, const char *head, const char *text)
{
    int at = bs_text_columns(head);
    fputs(head, screen);
    while (*text) {
        const size_t length = strcspn(text, " ");
        char word[TEXT_MAX];
        snprintf(word, sizeof word, "%.*s", (int)length, text);
        const int columns = bs_text_columns(word);
        if (at + 1 + columns > LINE_COLUMNS) {
            fputs("\n ", screen);
            at = 1;
        }
        fprintf(screen, " %s", word);
        at += 1 + columns;
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', screen);
}
