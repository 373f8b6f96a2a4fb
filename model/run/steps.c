#include "model/run/steps.h"

#include <math.h>

bs_time bs_steps_interval(const bs_case *c, bs_time t)
{
    const bs_time length = (bs_time)llround(bs_config_real(c->config, "meteorology.interval"));
    return t - (t - c->start) % length;
}

bs_time bs_steps_stretch(const bs_case *c, const bs_forcing *forcing, bs_time t)
{
    const bs_time hour = 3600 - (t - c->start) % 3600;
    const bs_time every = (bs_time)llround(bs_config_real(c->config, "output.surface_interval"));
    const bs_time output = every - ((t - c->output_from) % every + every) % every;
    bs_time left = forcing->t1 - t;
    if (hour < left) left = hour;
    return output < left ? output : left;
}

bs_status bs_steps_pairs(const bs_case *c, const bs_stepper *stepper, const bs_forcing *forcing, bs_time seconds,
                         bs_time *pairs, bs_err *err)
{
    bs_limit limit;
    *pairs = bs_stepper_pairs(stepper, forcing, (double)seconds, c->max_step, &limit);
    while (*pairs < seconds && seconds % *pairs != 0) ++*pairs;
    if ((double)(seconds / *pairs) > 2 * limit.dt * (1 + 1e-9))
        return bs_fail(err, BS_ERR_RUN,
                       "step of %.3f s asked for by %s; the shortest is half a second: the winds are not plausible",
                       limit.dt, limit.culprit);
    return BS_OK;
}
