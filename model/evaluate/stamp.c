#include "model/evaluate/stamp.h"

#include <stdio.h>
#include <string.h>

enum { HOUR = 3600, DAY = 24 * HOUR, UTC8 = 8 * HOUR, HOUR_MAX = 24 };

typedef struct moment {
    bool dated, clocked, zoned;
    int year, month, day, hour, minute, second;
    int offset; /* s east of Greenwich */
} moment;

/* A number of `least` to `most` digits. */
static bool take_number(const char **p, int least, int most, int *value)
{
    int n = 0, v = 0;
    for (; n < most && (*p)[n] >= '0' && (*p)[n] <= '9'; n++) v = 10 * v + ((*p)[n] - '0');
    if (n < least) return false;
    *p += n;
    *value = v;
    return true;
}

static bool take_mark(const char **p, char mark)
{
    if (**p != mark) return false;
    ++*p;
    return true;
}

static bool take_date(const char **p, moment *m)
{
    const char *start = *p;
    if (!take_number(p, 4, 4, &m->year)) return false;
    const char mark = **p;
    if (mark == '-' || mark == '/') {
        m->dated = take_mark(p, mark) && take_number(p, 1, 2, &m->month) && take_mark(p, mark) &&
                   take_number(p, 1, 2, &m->day);
    } else {
        m->dated = take_number(p, 2, 2, &m->month) && take_number(p, 2, 2, &m->day);
    }
    if (!m->dated) *p = start;
    return m->dated;
}

static bool take_clock(const char **p, moment *m)
{
    int fraction = 0;
    if (!take_number(p, 1, 2, &m->hour) || !take_mark(p, ':') || !take_number(p, 2, 2, &m->minute)) return false;
    if (take_mark(p, ':') && !take_number(p, 2, 2, &m->second)) return false;
    if (take_mark(p, '.') && (!take_number(p, 1, 9, &fraction) || fraction != 0)) return false;
    m->clocked = true;
    return m->minute <= 59 && m->second <= 59 && m->hour <= HOUR_MAX;
}

static bool take_zone(const char **p, moment *m)
{
    int hours = 0, minutes = 0;
    if (take_mark(p, 'Z')) return m->zoned = true;
    const int sign = **p == '+' ? 1 : **p == '-' ? -1 : 0;
    if (sign == 0) return true;
    ++*p;
    if (!take_number(p, 2, 2, &hours)) return false;
    take_mark(p, ':');
    if (!take_number(p, 2, 2, &minutes) || hours > 18 || minutes > 59) return false;
    m->offset = sign * (hours * HOUR + minutes * 60);
    return m->zoned = true;
}

static bool take_moment(const char *text, moment *m)
{
    const char *p = text;
    *m = (moment){0};
    if (!take_date(&p, m)) return take_clock(&p, m) && !*p;
    if (!*p) return true;
    if (!take_mark(&p, 'T') && !take_mark(&p, ' ')) return false;
    return take_clock(&p, m) && take_zone(&p, m) && !*p;
}

/* Start of the day, UTC, as if it were a day of UTC. */
static bool midnight(const moment *m, bs_time *t)
{
    char text[16];
    snprintf(text, sizeof text, "%04u-%02u-%02u", (unsigned)m->year % 10000u, (unsigned)m->month % 100u,
             (unsigned)m->day % 100u);
    return bs_time_parse(text, t, NULL) == BS_OK;
}

static bool instant(const moment *m, bs_time *t)
{
    if (!midnight(m, t)) return false;
    *t += (bs_time)m->hour * HOUR + m->minute * 60 + m->second - (m->zoned ? m->offset : UTC8);
    return true;
}

static bs_status wrong(const bs_obs_row *row, const char *what, const char *found, bs_err *err)
{
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: the %s is '%s', expected as 2015-01-13, 2015/1/13, 20150113 or (hourly) 2015-01-13 08:00, or "
                   "with a zone 2015-01-13T00:00:00Z",
                   row->where, what, found);
}

/* "08", "8", "24" or "08:00". */
static bool take_hour(const char *text, moment *m)
{
    const char *p = text;
    m->minute = m->second = 0;
    if (take_number(&p, 1, 2, &m->hour) && !*p) return m->clocked = m->hour <= HOUR_MAX;
    p = text;
    return take_clock(&p, m) && !*p;
}

/* What date, hour and time say together. */
static bs_status gather(const bs_obs_row *row, moment *m, bs_err *err)
{
    const char *date = row->cell[BS_OBS_DATE], *hour = row->cell[BS_OBS_HOUR], *time = row->cell[BS_OBS_TIME];
    moment other;
    bs_time a, b;
    if (!date || (time && !hour && take_moment(time, m) && m->dated)) {
        if (!time || !take_moment(time, m) || !m->dated) return wrong(row, "time", time ? time : "", err);
        return BS_OK;
    }
    if (!take_moment(date, m) || !m->dated) return wrong(row, "date", date, err);
    if (hour && !take_hour(hour, m))
        return bs_fail(err, BS_ERR_INPUT, "%s: the hour is '%s', expected a whole hour from 0 to 24", row->where, hour);
    if (!hour && time && !take_hour(time, m)) return wrong(row, "time", time, err);
    if (hour && time && take_moment(time, &other) && other.dated && other.clocked && instant(m, &a) &&
        instant(&other, &b) && a != b)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: date and hour (%s, %s) and time (%s) disagree; say which holds with --map", row->where,
                       date, hour, time);
    return BS_OK;
}

bs_status bs_stamp_read(const bs_obs_row *row, bs_stamp_rule rule, bs_stamp *out, bs_err *err)
{
    moment m;
    BS_TRY(gather(row, &m, err));
    if (rule.daily) {
        if (m.zoned)
            return bs_fail(err, BS_ERR_INPUT, "%s: a natural day of UTC+8 is a date without a zone (--daily)",
                           row->where);
        m.clocked = false;
        m.hour = m.minute = m.second = 0;
    }
    if (!instant(&m, &out->end))
        return bs_fail(err, BS_ERR_INPUT, "%s: there is no day %04d-%02d-%02d", row->where, m.year, m.month, m.day);
    if (!m.clocked) {
        out->hours = DAY / HOUR;
        out->end += DAY;
        return BS_OK;
    }
    if (out->end % HOUR != 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: the time is %02d:%02d:%02d; hourly means have stamps of whole hours",
                       row->where, m.hour, m.minute, m.second);
    out->hours = 1;
    if (rule.begins) out->end += HOUR;
    return BS_OK;
}
