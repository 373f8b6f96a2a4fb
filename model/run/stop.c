#include "model/run/stop.h"

#include <stddef.h>

/* The one thing that a handler may touch; it is the process's, as signals are. */
static volatile sig_atomic_t asked;

static const int SIGNAL[] = {SIGTERM, SIGUSR1, SIGINT};
enum { N_SIGNALS = sizeof SIGNAL / sizeof *SIGNAL };
_Static_assert(N_SIGNALS == sizeof(bs_stop_watch){0}.before / sizeof(struct sigaction), "room for what was before");

static void note(int signal)
{
    asked = signal;
}

void bs_stop_begin(bs_stop_watch *w)
{
    asked = 0;
    for (int n = 0; n < N_SIGNALS; n++) {
        struct sigaction act = {.sa_handler = note, .sa_flags = SA_RESTART};
        if (SIGNAL[n] == SIGINT) act.sa_flags |= (int)SA_RESETHAND;
        sigemptyset(&act.sa_mask);
        sigaction(SIGNAL[n], &act, &w->before[n]);
    }
    w->watching = true;
}

void bs_stop_end(bs_stop_watch *w)
{
    for (int n = 0; n < N_SIGNALS && w->watching; n++) sigaction(SIGNAL[n], &w->before[n], NULL);
    w->watching = false;
}

unsigned char bs_stop_bits(void)
{
    unsigned char bits = 0;
    for (int n = 0; n < N_SIGNALS; n++) bits |= (unsigned char)((asked == SIGNAL[n]) << n);
    return bits;
}

int bs_stop_of_bits(unsigned char bits)
{
    for (int n = 0; n < N_SIGNALS; n++)
        if (bits >> n & 1) return SIGNAL[n];
    return 0;
}

const char *bs_stop_name(int signal)
{
    return signal == SIGTERM ? "SIGTERM" : signal == SIGUSR1 ? "SIGUSR1" : signal == SIGINT ? "SIGINT" : "a signal";
}
