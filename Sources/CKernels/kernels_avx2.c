#include "CKernels.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define CK_PATH "avx2"
#define CK_TABLE ck_kernels_avx2
#define CK_WIDTH 8
#define CK_REGISTERS 16
#include "template/kernels.h"
#pragma clang attribute pop
#endif
