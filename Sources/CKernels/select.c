#include "CKernels.h"
#include <string.h>

extern const ck_kernels ck_kernels_avx512, ck_kernels_avx2, ck_kernels_baseline;

const ck_kernels *ck_kernels_named(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, "avx512") == 0)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("fma")
               ? &ck_kernels_avx512
               : 0;
  if (strcmp(name, "avx2") == 0) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &ck_kernels_avx2 : 0;
#endif
  return strcmp(name, ck_kernels_baseline.name) == 0 ? &ck_kernels_baseline : 0;
}
