/* What a run tells of the mass-consistent correction of its winds. */
#include <math.h>
#include <stdio.h>

#include "model/met/met_private.h"

void bs_met_describe_correction(const bs_corrector *c, bs_met_report *report)
{
    char when[BS_TIME_TEXT_MAX];
    const size_t size = sizeof report->correction;
    bs_time_format(c->worst, when);
    report->correction_worst = c->worst;
    bs_correct_bands(c, report->band);
    size_t used =
        (size_t)snprintf(report->correction, size,
                         "99 %% below %.3f, largest %.3f m s-1, at all heights the same; the source's wind at "
                         "%s (root mean square):",
                         c->p99, c->max, when);
    for (int b = 0; b < BS_CORRECTION_BANDS && used < size; b++) {
        const bs_correction_band *band = &report->band[b];
        if (band->layers && isfinite(band->to))
            used += (size_t)snprintf(report->correction + used, size - used, " %.1f up to %g m,", band->wind, band->to);
        else if (band->layers)
            used += (size_t)snprintf(report->correction + used, size - used, " %.1f above", band->wind);
    }
    const double excess = bs_correct_excess(c);
    if (excess > 0)
        snprintf(
            report->correction_warning, sizeof report->correction_warning,
            "the correction wind's 99th percentile reaches %.2f m s-1 below %g m (%s), more than %g m s-1: on this "
            "mesh "
            "the source's winds and air do not keep mass, and transport near the ground is off its winds by so much. "
            "Weather closer in time, a source's own mesh and layers, or terrain as smooth as the source's make it "
            "smaller (docs/meteorology.md)",
            excess, BS_CORRECTION_HEIGHT, when, BS_CORRECTION_LIMIT);
}
