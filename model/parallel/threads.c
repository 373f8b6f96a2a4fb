#include "model/parallel/threads.h"

#ifdef _OPENMP
#include <omp.h>
#endif
#if defined(__SSE__)
#include <pmmintrin.h>
#include <xmmintrin.h>
#endif

static void flush_to_zero(void)
{
#if defined(__SSE__)
    _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);
    _MM_SET_DENORMALS_ZERO_MODE(_MM_DENORMALS_ZERO_ON);
#endif
}

int bs_threads_start(int n)
{
    flush_to_zero();
#ifdef _OPENMP
    if (n > 0) omp_set_num_threads(n);
    omp_set_dynamic(0);
#pragma omp parallel default(none)
    flush_to_zero();
#else
    (void)n;
#endif
    return bs_threads_count();
}

int bs_threads_count(void)
{
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
}

int bs_threads_possible(void)
{
#ifdef _OPENMP
    return omp_get_num_procs();
#else
    return 1;
#endif
}

int bs_threads_self(void)
{
#ifdef _OPENMP
    return omp_get_thread_num();
#else
    return 0;
#endif
}
