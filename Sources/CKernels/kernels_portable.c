// The baseline of the target: SSE2 on x86-64, NEON on arm64, whatever the compiler makes of four lanes elsewhere.
#include "CKernels.h"
#if defined(__aarch64__)
#define CK_PATH "neon"
#define CK_REGISTERS 32
#else
#define CK_PATH "portable"
#define CK_REGISTERS 16
#endif
#define CK_TABLE ck_kernels_baseline
#define CK_WIDTH 4
#include "template/kernels.h"
