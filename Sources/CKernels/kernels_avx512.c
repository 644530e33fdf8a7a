#include "CKernels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
#define CK_AVX512 1
#define CK_PATH "avx512"
#define CK_TABLE ck_kernels_avx512
#define CK_WIDTH 16
#define CK_REGISTERS 32
#include "template/kernels.h"
#pragma clang attribute pop
#endif
