/* standards.h - the national standards for PM2.5: limits, index and its classes, alert levels. Pure functions over standards.def.
 *
 * Sources, and how far each was checked:
 *   limits       GB 3095-2026 (replaced GB 3095-2012 on 2026-03-01): read in the standard; grade II told alike by the ministry's own
 *                announcement of February 2026. GB 3095-2012: read.
 *   breakpoints  HJ 633-2026 table 3: read, and told alike by many. HJ 633-2012 table 1: likewise. The index knows no phases: a final
 *                limit of 50 does not move the 100 of the index from 60.
 *   rounding     Concentrations to whole ug m-3, half to even (GB/T 8170-2008), then the index rounded up to whole numbers. 2026: read in
 *                HJ 633-2026; that the half goes to even is second-hand. 2012: "all carried up, no decimals" is recalled from HJ 633-2012,
 *                and holds for each of 2340 hourly station records of April 2020 whose index PM2.5 decides; that concentrations come whole
 *                is how stations publish them (HJ 663-2013, which refers to GB/T 8170; its table not read).
 *   above 500    ug m-3 the index stays at 500 (2012: common practice; 2026: the table ends there).
 *   alerts       notice 环大气〔2024〕6号 of January 2024: triggers read in two reprints of its text; the cuts read in the notice.
 *
 * An index of PM2.5 alone is a lower bound of the AQI, which is the largest index of six pollutants: good days counted with it are at most
 * too many, and alerts found with it are at most too few. */
#ifndef BS_MODEL_DIAG_STANDARDS_H
#define BS_MODEL_DIAG_STANDARDS_H

typedef enum bs_edition { BS_EDITION_2012, BS_EDITION_2026, BS_EDITION_COUNT } bs_edition;
typedef enum bs_phase { BS_PHASE_TRANSITION, BS_PHASE_FINAL } bs_phase; /* of edition 2026; the same in 2012 */
typedef enum bs_grade { BS_GRADE_I, BS_GRADE_II } bs_grade;

typedef struct bs_standard {
    bs_edition edition;
    bs_phase phase;
    bs_grade grade;
    double annual, day; /* ug m-3: limits of the annual and of the 24-h mean; met at the limit itself */
    const char *name;
} bs_standard;

/* Never NULL: the table has every edition, phase and grade. */
const bs_standard *bs_standard_find(bs_edition edition, bs_phase phase, bs_grade grade);
const char *bs_index_name(bs_edition edition); /* "HJ 633-2026" */

/* Hours that a daily mean of particles needs at least: GB 3095-2012, table 4 (recalled; told alike by the press when it came into force). */
enum { BS_DAY_HOURS_LEAST = 20 };

/* A concentration as the standards compare it: whole ug m-3, half to even. c finite. At most 1e9: the caller has checked it.
 */
int bs_pm25_round(double c);

/* Index (IAQI) of a 24-h mean, rounded as above; 0 for none, 500 from 500 ug m-3 on. Integer arithmetic: no rounding error moves an edge. */
int bs_pm25_iaqi(bs_edition edition, double c);

typedef enum bs_air_class {
#define BS_AIR_CLASS(id, highest, name, name_zh, sign) id,
#include "model/diag/standards.def"
    BS_AIR_COUNT
} bs_air_class;

typedef struct bs_air_class_row {
    int highest; /* index */
    const char *name, *name_zh, *sign;
} bs_air_class_row;

bs_air_class bs_air_class_of(int index); /* index >= 0 */
const bs_air_class_row *bs_air_class_info(bs_air_class c);

/* 优良天: index at most 100. 重污染天: above 200. */
enum { BS_INDEX_GOOD_MAX = 100, BS_INDEX_HEAVY_ABOVE = 200, BS_INDEX_MAX = 500 };

typedef enum bs_alert {
#define BS_ALERT(id, name, name_zh, cut) id,
#include "model/diag/standards.def"
    BS_ALERT_COUNT
} bs_alert;

typedef struct bs_alert_row {
    const char *name, *name_zh;
    double cut; /* percent */
} bs_alert_row;

const bs_alert_row *bs_alert_info(bs_alert alert);

/* The highest level whose trigger the days meet, for each of n days in ascending order: level[i] is that of the longest row of neighbouring
 * days around day[i] that meets a rule. A day that is missing breaks a row. The notice asks this of a forecast and of the AQI.
 *   day    [n]  day numbers, ascending   in
 *   index  [n]  daily index              in
 *   level  [n]                           out */
void bs_alert_days(int n, const long *day, const int *index, bs_alert *level);

#endif
