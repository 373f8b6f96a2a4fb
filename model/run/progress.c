#include "model/run/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "model/core/timer.h"

static const double REDRAW_S = 0.2;
static const bs_time LINE_S = 86400;

void bs_progress_start(bs_progress *p, bs_log *log, bool wanted, bs_time start, bs_time end)
{
    const double now = bs_wall_seconds();
    *p = (bs_progress){.log = log, .start = start, .end = end, .began = now, .shown = now, .next_line = start + LINE_S};
    p->bar = wanted && log->screen && isatty(fileno(log->screen));
}

static void words(const bs_progress *p, bs_time now, double step, char *text, size_t size)
{
    char stamp[BS_TIME_TEXT_MAX];
    const double spent = bs_wall_seconds() - p->began, done = (double)(now - p->start),
                 all = (double)(p->end - p->start);
    const double speed = spent > 0 ? done / spent : 0, left = speed > 0 ? (all - done) / speed : 0;
    snprintf(text, size, "%s  %3.0f %%  %.1f simulated hours per second  %.0f s left  step %.0f s",
             bs_time_format(now, stamp), 100 * done / all, speed / 3600, left, step);
}

void bs_progress_at(bs_progress *p, bs_time now, double step)
{
    char text[160];
    if (p->bar) {
        const double wall = bs_wall_seconds();
        if (wall - p->shown < REDRAW_S && now < p->end) return;
        p->shown = wall;
        enum { WIDTH = 30 };
        char bar[WIDTH + 1];
        const int full = (int)((double)(now - p->start) / (double)(p->end - p->start) * WIDTH);
        for (int n = 0; n < WIDTH; n++) bar[n] = n < full ? '#' : '.';
        bar[WIDTH] = 0;
        words(p, now, step, text, sizeof text);
        fprintf(p->log->screen, "\r[%s] %s\033[K", bar, text);
        fflush(p->log->screen);
    } else if (now >= p->next_line) {
        p->next_line += LINE_S;
        words(p, now, step, text, sizeof text);
        bs_log_info(p->log, "%s", text);
    }
}

void bs_progress_end(bs_progress *p)
{
    if (p->bar) fputc('\n', p->log->screen);
}
