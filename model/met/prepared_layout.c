#include "model/met/prepared_layout.h"

#include <string.h>

#define AT(member) offsetof(bs_met_state, member)
#define CELLS                                                                                                          \
    3,                                                                                                                 \
    {                                                                                                                  \
        BS_PD_LEVEL, BS_PD_Y, BS_PD_X                                                                                  \
    }
#define X_FACES                                                                                                        \
    3,                                                                                                                 \
    {                                                                                                                  \
        BS_PD_LEVEL, BS_PD_Y, BS_PD_X_FACE                                                                             \
    }
#define Y_FACES                                                                                                        \
    3,                                                                                                                 \
    {                                                                                                                  \
        BS_PD_LEVEL, BS_PD_Y_FACE, BS_PD_X                                                                             \
    }
#define HALF_LEVELS                                                                                                    \
    3,                                                                                                                 \
    {                                                                                                                  \
        BS_PD_HALF, BS_PD_Y, BS_PD_X                                                                                   \
    }
#define CLASS_COLUMNS                                                                                                  \
    3,                                                                                                                 \
    {                                                                                                                  \
        BS_PD_CLASS, BS_PD_Y, BS_PD_X                                                                                  \
    }
#define CLASS_CELLS                                                                                                    \
    4,                                                                                                                 \
    {                                                                                                                  \
        BS_PD_CLASS, BS_PD_LEVEL, BS_PD_Y, BS_PD_X                                                                     \
    }
#define COLUMNS                                                                                                        \
    2,                                                                                                                 \
    {                                                                                                                  \
        BS_PD_Y, BS_PD_X                                                                                               \
    }

static const bs_prepared_array ARRAYS[] = {
    {"air_mass", "kg", "mass of dry air in the cell", AT(m), true, CELLS},
    {"flux_x", "kg s-1", "dry-air mass flux along grid x through the cell's western face, not corrected", AT(fx), true,
     X_FACES},
    {"flux_y", "kg s-1", "dry-air mass flux along grid y through the cell's southern face, not corrected", AT(fy), true,
     Y_FACES},
    {"density", "kg m-3", "density of dry air", AT(rho), false, CELLS},
    {"temperature", "K", "temperature", AT(t), false, CELLS},
    {"height_half", "m", "height of half levels above the ground", AT(z_half), false, HALF_LEVELS},
    {"exchange", "kg m-2 s-1", "density times vertical diffusivity over layer distance", AT(mix), false, HALF_LEVELS},
    {"horizontal_diffusivity", "m2 s-1", "horizontal diffusivity", AT(kh), false, CELLS},
    {"deposition_velocity", "m s-1", "dry deposition velocity, settling included", AT(v_dep), false, CLASS_COLUMNS},
    {"settling_velocity", "m s-1", "settling velocity, downward positive", AT(v_set), false, CLASS_CELLS},
    {"scavenging", "s-1", "wet scavenging coefficient", AT(scavenge), false, CLASS_CELLS},
    {"nonlocal_share", "1", "share of the boundary layer's mixing that is non-local, as in ACM2", AT(nonlocal), false,
     COLUMNS},
    {"pbl_air", "kg m-2", "dry air from the ground to the top of the boundary layer", AT(pbl_air), false, COLUMNS},
    {"ps", "Pa", "surface pressure", AT(ps), false, COLUMNS},
    {"pblh", "m", "height of the boundary layer above the ground", AT(pblh), false, COLUMNS},
    {"ustar", "m s-1", "friction velocity", AT(ustar), false, COLUMNS},
    {"u10", "m s-1", "10 m wind along grid x", AT(u10), false, COLUMNS},
    {"v10", "m s-1", "10 m wind along grid y", AT(v10), false, COLUMNS},
    {"t2", "K", "2 m temperature", AT(t2), false, COLUMNS},
    {"rain", "kg m-2 s-1", "precipitation", AT(rain), false, COLUMNS},
};

const char *bs_prepared_dim_name(bs_prepared_dim dim)
{
    static const char *const NAME[BS_PD_COUNT] = {"time",       "interval", "end", "removal_class", "level",
                                                  "half_level", "y",        "x",   "y_face",        "x_face"};
    return NAME[dim];
}

void bs_prepared_lengths(const bs_met_context *context, const bs_tracers *tracers, const bs_met_times *times,
                         size_t *length)
{
    length[BS_PD_TIME] = (size_t)times->count;
    length[BS_PD_INTERVAL] = (size_t)bs_met_times_intervals(times);
    length[BS_PD_END] = 2;
    length[BS_PD_CLASS] = (size_t)tracers->n_removal;
    length[BS_PD_LEVEL] = (size_t)context->levels->nz;
    length[BS_PD_HALF] = length[BS_PD_LEVEL] + 1;
    length[BS_PD_Y] = (size_t)bs_met_whole(context)->ny;
    length[BS_PD_X] = (size_t)bs_met_whole(context)->nx;
    length[BS_PD_Y_FACE] = length[BS_PD_Y] + 1;
    length[BS_PD_X_FACE] = length[BS_PD_X] + 1;
}

const bs_prepared_array *bs_prepared_arrays(int *count)
{
    *count = (int)(sizeof ARRAYS / sizeof *ARRAYS);
    return ARRAYS;
}

bs_map_at bs_prepared_place(bs_prepared_dim y, bs_prepared_dim x)
{
    return x == BS_PD_X_FACE ? BS_AT_X_FACES : y == BS_PD_Y_FACE ? BS_AT_Y_FACES : BS_AT_CELLS;
}

void *bs_prepared_member(const bs_prepared_array *array, const bs_met_state *state)
{
    void *pointer;
    memcpy(&pointer, (const char *)state + array->member, sizeof pointer);
    return pointer;
}

const char *bs_prepared_correction_name(int direction)
{
    return direction == 0 ? "correction_x" : "correction_y";
}
