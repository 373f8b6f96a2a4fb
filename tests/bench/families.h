/* families.h - the functions of families.def: each measures the kernels of its family that are wanted. Error: BS_ERR_MEMORY. */
#ifndef TESTS_BENCH_FAMILIES_H
#define TESTS_BENCH_FAMILIES_H

#include "tests/bench/bench.h"

#define BENCH_FAMILY(name, function, text) bs_status function(bench *b);
#include "tests/bench/families.def"
#undef BENCH_FAMILY

#endif
