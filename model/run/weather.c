#include "model/run/weather.h"

int bs_weather_rules(bs_log *log, const bs_met_report *report, int told)
{
    for (; told < report->n_assumed; told++) bs_log_info(log, "weather   %s", report->assumed[told]);
    return told;
}

void bs_weather_correction(bs_log *log, const bs_met_report *report)
{
    bs_log_info(log, "correction wind of mass consistency: %s", report->correction);
    if (report->correction_warning[0]) bs_log_warn(log, "%s", report->correction_warning);
}

void bs_weather_summary(const bs_met_report *report, bs_weather_notes *notes, bs_summary *summary)
{
    bs_time_format(report->correction_worst, notes->worst);
    for (int b = 0; b < BS_CORRECTION_BANDS; b++) {
        const bs_correction_band *band = &report->band[b];
        notes->band[b] = (bs_summary_band){band->from, band->to, band->layers, band->p99, band->max, band->wind};
    }
    summary->correction_p99 = report->correction_p99;
    summary->correction_max = report->correction_max;
    summary->correction_worst = notes->worst;
    summary->correction_warning = report->correction_warning;
    summary->n_bands = BS_CORRECTION_BANDS;
    summary->band = notes->band;
}
