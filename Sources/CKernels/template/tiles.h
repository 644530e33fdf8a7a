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

#define CK_V vf
#define CK_V_LOAD v_load
#define CK_V_SUM(name) name
#include "tile_sums.h"

#if CK_USES_HALVES
#define CK_V vh
#define CK_V_LOAD v_load_half
#define CK_V_SUM(name) name##_in_halves
#include "tile_sums.h"

// What a tile of two vectors sums up goes through three half ones; a fourth would be padding.
INLINE void ck_sum_halves(const int MR, const int outer, const ck_terms *t, vf acc[CK_MR_MAX][CK_NV]) {
  vh halves[CK_MR_MAX][CK_NV];
#pragma clang loop unroll(full)
  for (int r = 0; r < MR; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < CK_HALF_VECTORS; j++) halves[r][j] = v_half(acc[r][j / 2], j % 2);
  if (outer) ck_sum_outer_in_halves(MR, CK_HALF_VECTORS, t, halves);
  else ck_sum_rows_in_halves(MR, CK_HALF_VECTORS, 2 * CK_WIDTH, t, halves);
#pragma clang loop unroll(full)
  for (int r = 0; r < MR; r++) {
    acc[r][0] = v_join(halves[r][0], halves[r][1]);
    acc[r][1] = v_join(halves[r][2], (vh){0});
  }
}
#else
INLINE void ck_sum_halves(const int MR, const int outer, const ck_terms *t, vf acc[CK_MR_MAX][CK_NV]) {}
#endif

INLINE void ck_start_sums(const int MR, const int NV, const float *start, int columns, vf acc[CK_MR_MAX][CK_NV]) {
#pragma clang loop unroll(full)
  for (int j = 0; j < NV; j++) {
    const vf v = start && j * CK_WIDTH < columns ? v_load(start + j * CK_WIDTH) : (vf){0};
#pragma clang loop unroll(full)
    for (int r = 0; r < MR; r++) acc[r][j] = v;
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
  ck_start_sums(MR, NV, mode == CK_OUTPUT && p->finish->output->bias ? p->finish->output->bias + p->column : 0, p->columns, acc);
  if (HALVES) ck_sum_halves(MR, 0, t, acc);
  else ck_sum_rows(MR, NV, NV * CK_WIDTH, t, acc);
  if (mode == CK_OUTPUT) ck_finish_output(MR, NV, acc, p->finish, p->row, p->column, p->columns);
  else if (mode == CK_SINK) ck_finish_sink(MR, NV, acc, p->finish, p->row, p->column, p->columns);
  else ck_store_tile(MR, NV, acc, mode == CK_ADD, p);
}

INLINE void ck_outer_tile_of(const int MR, const int NV, const int HALVES, const ck_terms *t, const int mode, const ck_tile_place *p) {
  vf acc[CK_MR_MAX][CK_NV];
  ck_start_sums(MR, NV, 0, 0, acc);
  if (HALVES) ck_sum_halves(MR, 1, t, acc);
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
#define CK_TILES_OF_HALVES                                                                                                       \
  if (ck_takes_halves(vectors, p->columns)) {                                                                                    \
    CK_TILE_SWITCH(2, CK_MR_HALVES, 1)                                                                                           \
    return;                                                                                                                      \
  }
#else
#define CK_TILES_OF_HALVES
#endif
#if CK_WIDTH == 16 || CK_REGISTERS == 32
#define CK_WIDE_TILES                                                                                                            \
  case 3: CK_TILE_SWITCH(3, CK_MR3, 0) break;                                                                                    \
  case 4: CK_TILE_SWITCH(4, CK_MR4, 0) break;
#else
#define CK_WIDE_TILES
#endif
#define CK_TILES                                                                                                                 \
  CK_TILES_OF_HALVES                                                                                                             \
  switch (vectors) {                                                                                                             \
  case 1: CK_TILE_SWITCH(1, CK_MR1, 0) break;                                                                                    \
  case 2: CK_TILE_SWITCH(2, CK_MR2, 0) break;                                                                                    \
  CK_WIDE_TILES                                                                                                                  \
  }

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
#undef CK_WIDE_TILES
#undef CK_TILES_OF_HALVES
#undef CK_TILE_SWITCH
