// A product's register tiles: MR rows by NV vectors (or by CK_HALF_VECTORS half ones), summed and sent where they go.

// Where a tile goes: CK_WRITE and CK_ADD to C, the others to what ck_finish names.
enum { CK_WRITE, CK_ADD, CK_OUTPUT, CK_SINK };

// What a tile sums over. Rows: A's row r is at a + r * lda, in `lines` runs of `depth` values, `line_stride` apart (a 3x3 kernel's
// three rows), and B's rows stand one after the other. Outer: row k of A is at a + k * lda, of B at b + k * ldb. Each round of the
// loop asks for the memory at `fetch`, `fetch_step` bytes on.
typedef struct {
  const float *a;
  int64_t lda, line_stride;
  int lines, depth;
  const float *b;
  int64_t ldb;
  const char *fetch;
  int64_t fetch_step;
} ck_terms;

// Its place in the product and in C; `columns` are left from `column` on.
typedef struct {
  int row, column, columns;
  float *c;
  int64_t ldc;
  const ck_finish *finish;
} ck_tile_place;

// acc[r][j] += sum over k of A[r][k] B[k][j].
INLINE void ck_sum_rows(const int MR, const int NV, const ck_terms *t, vf acc[CK_MR_MAX][CK_NV]) {
  const float *b = t->b;
  const char *fetch = t->fetch;
  for (int line = 0; line < t->lines; line++) {
    // Pointers at every third row: base + 0, 1, 2 lda are addressing modes, more pointers would spill.
    const float *a0 = t->a + line * t->line_stride;
    const float *a3 = a0 + 3 * t->lda, *a6 = a0 + 6 * t->lda, *a9 = a0 + 9 * t->lda;
#pragma clang loop unroll(disable)
    for (int k = 0; k < t->depth; k++) {
      vf bv[CK_NV];
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++) bv[j] = v_load(b + j * CK_WIDTH);
#pragma clang loop unroll(full)
      for (int r = 0; r < MR; r++) {
        const float *base = r < 3 ? a0 : r < 6 ? a3 : r < 9 ? a6 : a9;
        const vf av = v_set(base[(r % 3) * t->lda + k]);
#pragma clang loop unroll(full)
        for (int j = 0; j < NV; j++) acc[r][j] += av * bv[j];
      }
      b += NV * CK_WIDTH;
      __builtin_prefetch(fetch, 0, 2);
      fetch += t->fetch_step;
    }
  }
}

// The same in half vectors.
INLINE void ck_sum_rows_halves(const int MR, const ck_terms *t, vf acc[CK_MR_MAX][CK_NV]) {
  vh sums[CK_MR_HALVES][CK_HALF_VECTORS];
  const float *b = t->b;
  const char *fetch = t->fetch;
#pragma clang loop unroll(full)
  for (int r = 0; r < MR; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < CK_HALF_VECTORS; j++) sums[r][j] = v_half(acc[r][j / 2], j % 2);
  for (int line = 0; line < t->lines; line++) {
    const float *a0 = t->a + line * t->line_stride;
    const float *a3 = a0 + 3 * t->lda, *a6 = a0 + 6 * t->lda;
#pragma clang loop unroll(disable)
    for (int k = 0; k < t->depth; k++) {
      vh bv[CK_HALF_VECTORS];
#pragma clang loop unroll(full)
      for (int j = 0; j < CK_HALF_VECTORS; j++) bv[j] = v_load_half(b + j * CK_WIDTH / 2);
#pragma clang loop unroll(full)
      for (int r = 0; r < MR; r++) {
        const float *base = r < 3 ? a0 : r < 6 ? a3 : a6;
        const vh av = base[(r % 3) * t->lda + k] - (vh){0};
#pragma clang loop unroll(full)
        for (int j = 0; j < CK_HALF_VECTORS; j++) sums[r][j] += av * bv[j];
      }
      b += 2 * CK_WIDTH;
      __builtin_prefetch(fetch, 0, 2);
      fetch += t->fetch_step;
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < MR; r++) {
    acc[r][0] = v_join(sums[r][0], sums[r][1]);
    acc[r][1] = v_join(sums[r][2], (vh){0});
  }
}

// acc[r][j] = sum over k of A[k][r] B[k][j]; the rows of A and B are lda and ldb apart.
INLINE void ck_sum_outer(const int MR, const int NV, const ck_terms *t, vf acc[CK_MR_MAX][CK_NV]) {
  const float *a = t->a, *b = t->b;
  const char *fetch = t->fetch;
#pragma clang loop unroll(full)
  for (int r = 0; r < MR; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) acc[r][j] = (vf){0};
#pragma clang loop unroll(disable)
  for (int k = 0; k < t->depth; k++) {
    vf bv[CK_NV];
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) bv[j] = v_load(b + j * CK_WIDTH);
#pragma clang loop unroll(full)
    for (int r = 0; r < MR; r++) {
      const vf av = v_set(a[r]);
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++) acc[r][j] += av * bv[j];
    }
    a += t->lda;
    b += t->ldb;
    __builtin_prefetch(fetch, 0, 2);
    fetch += t->fetch_step;
  }
}
// The same in half vectors.
INLINE void ck_sum_outer_halves(const int MR, const ck_terms *t, vf acc[CK_MR_MAX][CK_NV]) {
  vh sums[CK_MR_HALVES][CK_HALF_VECTORS];
  const float *a = t->a, *b = t->b;
  const char *fetch = t->fetch;
#pragma clang loop unroll(full)
  for (int r = 0; r < MR; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < CK_HALF_VECTORS; j++) sums[r][j] = (vh){0};
#pragma clang loop unroll(disable)
  for (int k = 0; k < t->depth; k++) {
    vh bv[CK_HALF_VECTORS];
#pragma clang loop unroll(full)
    for (int j = 0; j < CK_HALF_VECTORS; j++) bv[j] = v_load_half(b + j * CK_WIDTH / 2);
#pragma clang loop unroll(full)
    for (int r = 0; r < MR; r++) {
      const vh av = a[r] - (vh){0};
#pragma clang loop unroll(full)
      for (int j = 0; j < CK_HALF_VECTORS; j++) sums[r][j] += av * bv[j];
    }
    a += t->lda;
    b += t->ldb;
    __builtin_prefetch(fetch, 0, 2);
    fetch += t->fetch_step;
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < MR; r++) {
    acc[r][0] = v_join(sums[r][0], sums[r][1]);
    acc[r][1] = v_join(sums[r][2], (vh){0});
  }
}

INLINE void ck_store_tile(const int MR, const int NV, vf acc[CK_MR_MAX][CK_NV], const int add, const ck_tile_place *p) {
#pragma clang loop unroll(full)
  for (int r = 0; r < MR; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) {
      const int left = p->columns - j * CK_WIDTH;
      float *out = p->c + r * p->ldc + j * CK_WIDTH;
      if (left > 0) v_store_n(out, add ? acc[r][j] + v_load(out) : acc[r][j], left);
    }
}

INLINE void ck_rows_tile_of(const int MR, const int NV, const int HALVES, const ck_terms *t, const int mode, const ck_tile_place *p) {
  vf acc[CK_MR_MAX][CK_NV];
  const float *const bias = mode == CK_OUTPUT && p->finish->output->bias ? p->finish->output->bias + p->column : 0;
#pragma clang loop unroll(full)
  for (int j = 0; j < NV; j++) {
    const vf start = bias && j * CK_WIDTH < p->columns ? v_load(bias + j * CK_WIDTH) : (vf){0};
#pragma clang loop unroll(full)
    for (int r = 0; r < MR; r++) acc[r][j] = start;
  }
  if (HALVES) ck_sum_rows_halves(MR, t, acc);
  else ck_sum_rows(MR, NV, t, acc);
  if (mode == CK_OUTPUT) ck_finish_output(MR, NV, acc, p->finish, p->row, p->column, p->columns);
  else if (mode == CK_SINK) ck_finish_sink(MR, NV, acc, p->finish, p->row, p->column, p->columns);
  else ck_store_tile(MR, NV, acc, mode == CK_ADD, p);
}

INLINE void ck_outer_tile_of(const int MR, const int NV, const int HALVES, const ck_terms *t, const int mode, const ck_tile_place *p) {
  vf acc[CK_MR_MAX][CK_NV];
  if (HALVES) ck_sum_outer_halves(MR, t, acc);
  else ck_sum_outer(MR, NV, t, acc);
  ck_store_tile(MR, NV, acc, mode == CK_ADD, p);
}

// The next tile's height with `left` rows to go: a full one, else 4, 2, 1.
INLINE int ck_next_rows(int left, int top) { return left >= top ? top : left >= 4 ? 4 : left >= 2 ? 2 : 1; }

// A full tile comes first in the switch; remainders are cut to the sizes below.
#define CK_TILE_SWITCH(NV, TOP, HALVES)                                                                                          \
  switch (rows) {                                                                                                                \
  case TOP: CK_TILE(TOP, NV, HALVES) break;                                                                                      \
  case 4: CK_TILE(4, NV, HALVES) break;                                                                                          \
  case 2: CK_TILE(2, NV, HALVES) break;                                                                                          \
  case 1: CK_TILE(1, NV, HALVES) break;                                                                                          \
  }
#if CK_USES_HALVES
#define CK_HALVES_SWITCH                                                                                                         \
  if (ck_takes_halves(vectors, p->columns)) {                                                                                    \
    CK_TILE_SWITCH(2, CK_MR_HALVES, 1)                                                                                           \
    return;                                                                                                                      \
  }
#else
#define CK_HALVES_SWITCH
#endif
#if CK_WIDTH == 16 || CK_REGISTERS == 32
#define CK_TILES                                                                                                                 \
  CK_HALVES_SWITCH                                                                                                               \
  switch (vectors) {                                                                                                             \
  case 1: CK_TILE_SWITCH(1, CK_MR1, 0) break;                                                                                    \
  case 2: CK_TILE_SWITCH(2, CK_MR2, 0) break;                                                                                    \
  case 3: CK_TILE_SWITCH(3, CK_MR3, 0) break;                                                                                    \
  case 4: CK_TILE_SWITCH(4, CK_MR4, 0) break;                                                                                    \
  }
#else
#define CK_TILES                                                                                                                 \
  switch (vectors) {                                                                                                             \
  case 1: CK_TILE_SWITCH(1, CK_MR1, 0) break;                                                                                    \
  case 2: CK_TILE_SWITCH(2, CK_MR2, 0) break;                                                                                    \
  }
#endif

#define CK_TILE(MR, NV, HALVES)                                                                                                  \
  if (mode == CK_OUTPUT) ck_rows_tile_of(MR, NV, HALVES, t, CK_OUTPUT, p);                                                       \
  else if (mode == CK_SINK) ck_rows_tile_of(MR, NV, HALVES, t, CK_SINK, p);                                                      \
  else if (mode == CK_ADD) ck_rows_tile_of(MR, NV, HALVES, t, CK_ADD, p);                                                        \
  else ck_rows_tile_of(MR, NV, HALVES, t, CK_WRITE, p);
static void ck_rows_tile(int rows, int vectors, const ck_terms *t, int mode, const ck_tile_place *p) { CK_TILES }
#undef CK_TILE

#define CK_TILE(MR, NV, HALVES)                                                                                                  \
  if (mode == CK_ADD) ck_outer_tile_of(MR, NV, HALVES, t, CK_ADD, p);                                                            \
  else ck_outer_tile_of(MR, NV, HALVES, t, CK_WRITE, p);
static void ck_outer_tile(int rows, int vectors, const ck_terms *t, int mode, const ck_tile_place *p) { CK_TILES }
#undef CK_TILE
#undef CK_TILES
#undef CK_HALVES_SWITCH
#undef CK_TILE_SWITCH
