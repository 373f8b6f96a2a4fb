/* clones.h - plain loops compiled for several vector widths, the widest that the processor has chosen when the program starts.
 *
 * For loops without reductions and without fused operations the results are the same bits in every clone: each element sees the same
 * IEEE operations (-ffp-contract=off). Kernels that need more than that use vec.h. Left out under sanitizers (the choice is made before
 * their run-time starts) and on other processors. */
#ifndef BS_KERNELS_BASE_CLONES_H
#define BS_KERNELS_BASE_CLONES_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define BS_SANITIZED 1
#endif
#endif

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) &&                           \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(BS_SANITIZED)
#define BS_CLONES __attribute__((target_clones("avx512f", "avx2", "default"), flatten))
#else
#define BS_CLONES
#endif

#endif
