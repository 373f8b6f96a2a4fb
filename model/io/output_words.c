#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/io/output_parts.h"

const bs_species *bs_out_species(const bs_output *o, int tracer)
{
    int count;
    return &bs_species_table(&count)[o->info.tracers->row[tracer].species];
}

char *bs_out_name(const bs_output *o, int tracer, char text[BS_OUT_NAME_MAX])
{
    const char *label = o->info.tracers->row[tracer].label;
    snprintf(text, BS_OUT_NAME_MAX, "%s%s%s", bs_out_species(o, tracer)->output_name, *label ? "_" : "", label);
    return text;
}

char *bs_out_long_name(const bs_output *o, int tracer, const char *total, char text[BS_OUT_LONG_MAX])
{
    const bs_tracer *row = &o->info.tracers->row[tracer];
    switch (row->role) {
    case BS_ROLE_TOTAL:
        snprintf(text, BS_OUT_LONG_MAX, "%s", total);
        break;
    case BS_ROLE_GROUP:
        snprintf(text, BS_OUT_LONG_MAX, "%s from %s", total, o->info.tracers->group[row->group].label);
        break;
    case BS_ROLE_INITIAL:
        snprintf(text, BS_OUT_LONG_MAX, "%s that was there at the start", total);
        break;
    case BS_ROLE_BOUNDARY:
        snprintf(text, BS_OUT_LONG_MAX, "%s that entered through the sides", total);
        break;
    }
    return text;
}

char *bs_out_rounding(int bits, char text[BS_OUT_NAME_MAX])
{
    snprintf(text, BS_OUT_NAME_MAX, "%d mantissa bits kept, rounded half to even: relative error %.2g at most", bits,
             ldexp(1.0, -bits - 1));
    return text;
}

char *bs_out_duration(bs_time seconds, char *text, size_t size)
{
    if (seconds % 3600 == 0) {
        snprintf(text, size, "%lld hour%s", (long long)seconds / 3600, seconds == 3600 ? "" : "s");
    } else if (seconds % 60 == 0) {
        snprintf(text, size, "%lld minutes", (long long)seconds / 60);
    } else {
        snprintf(text, size, "%lld seconds", (long long)seconds);
    }
    return text;
}

char *bs_out_local_time(const bs_output *o, bs_time t, char text[BS_OUT_NAME_MAX])
{
    bs_date d = bs_date_from_time(t + o->day_offset);
    long minutes = labs((long)(o->day_offset / 60));
    snprintf(text, BS_OUT_NAME_MAX, "%04d-%02d-%02dT%02d:%02d:%02d%c%02ld:%02ld", d.year, d.month, d.day, d.hour,
             d.minute, d.second, o->day_offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return text;
}

bs_date bs_out_day_before(const bs_output *o, bs_time t)
{
    return bs_date_from_time(t - 1 + o->day_offset);
}

bs_status bs_out_join_assumed(const bs_output_info *info, char **out, bs_err *err)
{
    size_t size = sizeof "nothing", used = 0;
    for (int n = 0; n < info->n_assumed; n++) size += strlen(info->assumed[n]) + 2;
    BS_TRY(BS_NEW(out, size, "list of assumptions", err));
    if (info->n_assumed == 0) strcpy(*out, "nothing");
    for (int n = 0; n < info->n_assumed; n++)
        used += (size_t)snprintf(*out + used, size - used, "%s%s", n ? "; " : "", info->assumed[n]);
    return BS_OK;
}
