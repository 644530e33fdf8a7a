// A register tile's loops, one text for tiles of whole and of half vectors: the including file defines CK_V (the vector),
// CK_V_LOAD and CK_V_SUM (the loops' names get it as their last word).

// acc[r][j] += sum over k of A[r][k] B[k][j]; B's rows are b_step floats apart.
INLINE void CK_V_SUM(ck_sum_rows)(const int MR, const int NV, const int b_step, const ck_terms *t, CK_V acc[CK_MR_MAX][CK_NV]) {
  const float *b = t->b;
  const char *fetch = t->fetch;
  for (int line = 0; line < t->lines; line++) {
    // Pointers at every third row: base + 0, 1, 2 lda are addressing modes, more pointers would spill.
    const float *a0 = t->a + line * t->line_stride;
    const float *a3 = a0 + 3 * t->lda, *a6 = a0 + 6 * t->lda, *a9 = a0 + 9 * t->lda;
#pragma clang loop unroll(disable)
    for (int k = 0; k < t->depth; k++) {
      CK_V bv[CK_NV];
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++) bv[j] = CK_V_LOAD(b + j * (int)(sizeof(CK_V) / sizeof(float)));
#pragma clang loop unroll(full)
      for (int r = 0; r < MR; r++) {
        const float *base = r < 3 ? a0 : r < 6 ? a3 : r < 9 ? a6 : a9;
        const CK_V av = base[(r % 3) * t->lda + k] - (CK_V){0};
#pragma clang loop unroll(full)
        for (int j = 0; j < NV; j++) acc[r][j] += av * bv[j];
      }
      b += b_step;
      __builtin_prefetch(fetch, 0, 2);
      fetch += t->fetch_step;
    }
  }
}

// acc[r][j] += sum over k of A[k][r] B[k][j].
INLINE void CK_V_SUM(ck_sum_outer)(const int MR, const int NV, const ck_terms *t, CK_V acc[CK_MR_MAX][CK_NV]) {
  const float *a = t->a, *b = t->b;
  const char *fetch = t->fetch;
#pragma clang loop unroll(disable)
  for (int k = 0; k < t->depth; k++) {
    CK_V bv[CK_NV];
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) bv[j] = CK_V_LOAD(b + j * (int)(sizeof(CK_V) / sizeof(float)));
#pragma clang loop unroll(full)
    for (int r = 0; r < MR; r++) {
      const CK_V av = a[r] - (CK_V){0};
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++) acc[r][j] += av * bv[j];
    }
    a += t->lda;
    b += t->ldb;
    __builtin_prefetch(fetch, 0, 2);
    fetch += t->fetch_step;
  }
}
#undef CK_V
#undef CK_V_LOAD
#undef CK_V_SUM
