/* isa.h - which instruction set the vector kernels use. Chosen at run time; the results are the same bits on all of them, because
 * every lane does the same IEEE operations and a fused multiply-add appears only where the source asks for one. */
#ifndef BS_KERNELS_BASE_ISA_H
#define BS_KERNELS_BASE_ISA_H

typedef enum bs_isa { BS_ISA_PLAIN, BS_ISA_AVX2, BS_ISA_AVX512, BS_ISA_COUNT } bs_isa;

bs_isa bs_isa_best(void); /* the widest that this processor has and this build contains */
const char *bs_isa_name(bs_isa isa);

#endif
