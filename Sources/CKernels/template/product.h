// Matrix products out of register tiles of MR rows by NV vectors. Two of them, because of how the left side is read:
//   rows:  C[r][n] (+)= sum over k of A[r][k] B[k][n]     B packed in panels (weights)
//   outer: C[m][n] (+)= sum over k of A[k][m] B[k][n]     B in plain rows (weight gradients)
// Sums run over k in order, so a result does not depend on how rows are cut.

// `vectors` are cut into panels as even as can be, the wider ones first: panel i's width.
INLINE int ck_panels(int vectors) { return (vectors + CK_NV - 1) / CK_NV; }
INLINE int ck_panel_width(int vectors, int i) {
  const int panels = ck_panels(vectors);
  return vectors / panels + (i < vectors % panels ? 1 : 0);
}
INLINE int ck_tile_rows(int width) { return width == 1 ? CK_MR1 : width == 2 ? CK_MR2 : width == 3 ? CK_MR3 : CK_MR4; }
INLINE int ck_vectors(int columns) { return (int)(ck_padded(columns) / CK_WIDTH); }

static int64_t ck_packed_size(int32_t depth, int32_t columns) { return (int64_t)depth * ck_padded(columns); }

// Values `stride` apart, as many as n says; the other lanes are zero.
INLINE vf ck_pick(const float *from, int64_t stride, int n) {
#if defined(CK_AVX512)
  if (n >= CK_WIDTH && stride < (1 << 26)) {
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return (vf)_mm512_i32gather_ps(_mm512_mullo_epi32(lanes, _mm512_set1_epi32((int)stride)), from, 4);
  }
#endif
  vf v = {0};
  for (int i = 0; i < CK_WIDTH && i < n; i++) v[i] = from[i * stride];
  return v;
}

// One tap's depth rows of CK_WIDTH columns from `column` on -> out, rows `width` apart. Memory is read along the axis where it
// is contiguous.
INLINE void ck_pack_strip(const ck_pack *p, const float *weights, int column, float *out, int64_t width) {
  const int left = p->columns - column;
  const vf scale = p->column_scale ? v_load(p->column_scale + column) : v_set(1.0f);
  const float *const in = weights + column * p->column_stride;
  if (p->column_stride == 1) {
    for (int k = 0; k < p->depth; k++, out += width) v_store(out, v_keep_n(v_load(in + k * p->depth_stride) * scale, left));
  } else if (p->depth_stride == 1) {
    for (int k = 0; k < p->depth; k += CK_WIDTH) {
      vf lanes[CK_WIDTH];
      for (int j = 0; j < CK_WIDTH; j++) lanes[j] = j < left ? v_load(in + j * p->column_stride + k) : (vf){0};
      v_transpose(lanes);
      for (int j = 0; j < CK_WIDTH && k + j < p->depth; j++, out += width) v_store(out, v_keep_n(lanes[j] * scale, left));
    }
  } else {
    for (int k = 0; k < p->depth; k++, out += width)
      v_store(out, v_keep_n(ck_pick(in + k * p->depth_stride, p->column_stride, left) * scale, left));
  }
}

static int64_t ck_pack_chunks(const ck_pack *p) { return ck_panels(ck_vectors(p->columns)); }

// Panels one after the other, a chunk each; in a panel, depth rows of width * CK_WIDTH columns; missing columns are zero.
static void ck_pack_panel(const ck_pack *p, int64_t chunk) {
  const int vectors = ck_vectors(p->columns), depth = p->depth * p->taps;
  int column = 0;
  for (int i = 0; i < chunk; i++) column += ck_panel_width(vectors, i) * CK_WIDTH;
  const int64_t width = ck_panel_width(vectors, (int)chunk) * CK_WIDTH;
  float *const panel = p->packed + (int64_t)column * depth;
  for (int t = 0; t < p->taps; t++)
    for (int n = 0; n < width; n += CK_WIDTH) {
      float *const out = panel + t * p->depth * width + n;
      if (column + n < p->columns) ck_pack_strip(p, p->weights + p->tap_offsets[t], column + n, out, width);
      else
        for (int k = 0; k < p->depth; k++) v_store(out + k * width, (vf){0});
    }
}

// Row k of a packed [depth][columns] matrix from contiguous values.
static void ck_pack_row(float *packed, int depth, int columns, int k, const float *row) {
  const int vectors = ck_vectors(columns);
  int column = 0;
  for (int i = 0; i < ck_panels(vectors); i++) {
    const int width = ck_panel_width(vectors, i) * CK_WIDTH;
    float *out = packed + (int64_t)column * depth + (int64_t)k * width;
    for (int n = 0; n < width; n += CK_WIDTH, column += CK_WIDTH)
      v_store(out + n, column < columns ? v_keep_n(v_load(row + column), columns - column) : (vf){0});
  }
}

// Columns n ..< n + CK_WIDTH of a packed [depth][columns] matrix, n a multiple of CK_WIDTH below the padded columns. Column
// n + i comes from `depth` contiguous values at values[i], a whole vector past which may be read; 0: zeros.
static void ck_pack_columns(float *packed, int depth, int columns, int n, const float *const values[CK_WIDTH]) {
  const int vectors = ck_vectors(columns);
  int i = 0, column = 0, width = ck_panel_width(vectors, 0) * CK_WIDTH;
  while (n >= column + width) {
    column += width;
    width = ck_panel_width(vectors, ++i) * CK_WIDTH;
  }
  float *out = packed + (int64_t)column * depth + (n - column);
  for (int k = 0; k < depth; k += CK_WIDTH) {
    vf lanes[CK_WIDTH];
    for (int j = 0; j < CK_WIDTH; j++) lanes[j] = values[j] ? v_load(values[j] + k) : (vf){0};
    v_transpose(lanes);
    for (int j = 0; j < CK_WIDTH && k + j < depth; j++, out += width) v_store(out, lanes[j]);
  }
}

// Where a tile goes: CK_WRITE and CK_ADD to C, the others to what ck_finish names.
enum { CK_WRITE, CK_ADD, CK_OUTPUT, CK_SINK };

// One tile, at row r0 and column `column` of its product. A's row r is at a + r * lda; `lines` runs of `depth` values, `line_stride`
// apart (a 3x3 kernel's three rows). `columns` are left.
INLINE void ck_tile_rows_product(const int MR, const int NV, const float *a, int64_t lda, int64_t line_stride, int lines, int depth,
                                 const float *b, float *c, int64_t ldc, int columns, const int mode, const ck_finish *f, int r0, int column, const char *fetch, int64_t fetch_step) {
  vf acc[CK_MR_MAX][CK_NV];
  const float *const bias = mode == CK_OUTPUT && f->output->bias ? f->output->bias + column : 0;
#pragma clang loop unroll(full)
  for (int j = 0; j < NV; j++) {
    const vf start = bias && j * CK_WIDTH < columns ? v_load(bias + j * CK_WIDTH) : (vf){0};
#pragma clang loop unroll(full)
    for (int r = 0; r < MR; r++) acc[r][j] = start;
  }
  for (int line = 0; line < lines; line++) {
    // Pointers at every third row: base + 0, 1, 2 lda are addressing modes, more pointers would spill.
    const float *a0 = a + line * line_stride;
    const float *a3 = a0 + 3 * lda, *a6 = a0 + 6 * lda, *a9 = a0 + 9 * lda;
#pragma clang loop unroll(disable)
    for (int k = 0; k < depth; k++) {
      vf bv[CK_NV];
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++) bv[j] = v_load(b + j * CK_WIDTH);
#pragma clang loop unroll(full)
      for (int r = 0; r < MR; r++) {
        const float *base = r < 3 ? a0 : r < 6 ? a3 : r < 9 ? a6 : a9;
        const vf av = v_set(base[(r % 3) * lda + k]);
#pragma clang loop unroll(full)
        for (int j = 0; j < NV; j++) acc[r][j] += av * bv[j];
      }
      b += NV * CK_WIDTH;
      __builtin_prefetch(fetch, 0, 2);
      fetch += fetch_step;
    }
  }
  if (mode == CK_OUTPUT) {
    ck_finish_output(MR, NV, acc, f, r0, column, columns);
    return;
  }
  if (mode == CK_SINK) {
    ck_finish_sink(MR, NV, acc, f, r0, column, columns);
    return;
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < MR; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) {
      const int left = columns - j * CK_WIDTH;
      float *out = c + r * ldc + j * CK_WIDTH;
      if (left > 0) v_store_n(out, mode == CK_ADD ? acc[r][j] + v_load(out) : acc[r][j], left);
    }
}

INLINE void ck_tile_outer_product(const int MR, const int NV, const float *a, int64_t lda, int depth, const float *b, int64_t ldb, float *c,
                                  int64_t ldc, int columns, const int accumulate, const char *fetch, int64_t fetch_step) {
  vf acc[CK_MR_MAX][CK_NV];
#pragma clang loop unroll(full)
  for (int r = 0; r < MR; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) acc[r][j] = (vf){0};
#pragma clang loop unroll(disable)
  for (int k = 0; k < depth; k++) {
    vf bv[CK_NV];
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) bv[j] = v_load(b + j * CK_WIDTH);
#pragma clang loop unroll(full)
    for (int r = 0; r < MR; r++) {
      const vf av = v_set(a[r]);
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++) acc[r][j] += av * bv[j];
    }
    a += lda;
    b += ldb;
    __builtin_prefetch(fetch, 0, 2);
    fetch += fetch_step;
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < MR; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) {
      const int left = columns - j * CK_WIDTH;
      float *out = c + r * ldc + j * CK_WIDTH;
      if (left > 0) v_store_n(out, accumulate ? acc[r][j] + v_load(out) : acc[r][j], left);
    }
}

// A full tile comes first in the switch; remainders are cut to the sizes below.
#define CK_TILE_SWITCH(NV, TOP)                                                                                                  \
  switch (rows) {                                                                                                                \
  case TOP: CK_TILE(TOP, NV) break;                                                                                              \
  case 4: CK_TILE(4, NV) break;                                                                                                  \
  case 2: CK_TILE(2, NV) break;                                                                                                  \
  case 1: CK_TILE(1, NV) break;                                                                                                  \
  }

// The next tile's height with `left` rows to go: a full one, else 4, 2, 1.
INLINE int ck_next_rows(int left, int top) { return left >= top ? top : left >= 4 ? 4 : left >= 2 ? 2 : 1; }

#define CK_TILE_OF(MR, NV, MODE)                                                                                                 \
  ck_tile_rows_product(MR, NV, a, lda, line_stride, lines, depth, b, c, ldc, columns, MODE, finish, r0, column, fetch, fetch_step)
#define CK_TILE(MR, NV)                                                                                                          \
  if (mode == CK_OUTPUT) CK_TILE_OF(MR, NV, CK_OUTPUT);                                                                          \
  else if (mode == CK_SINK) CK_TILE_OF(MR, NV, CK_SINK);                                                                         \
  else if (mode == CK_ADD) CK_TILE_OF(MR, NV, CK_ADD);                                                                           \
  else CK_TILE_OF(MR, NV, CK_WRITE);
static void ck_rows_tile(int rows, int vectors, const float *a, int64_t lda, int64_t line_stride, int lines, int depth, const float *b,
                         float *c, int64_t ldc, int columns, int mode, const ck_finish *finish, int r0, int column, const char *fetch, int64_t fetch_step) {
  switch (vectors) {
  case 1: CK_TILE_SWITCH(1, CK_MR1) break;
  case 2: CK_TILE_SWITCH(2, CK_MR2) break;
#if CK_WIDTH == 16 || CK_REGISTERS == 32
  case 3: CK_TILE_SWITCH(3, CK_MR3) break;
  case 4: CK_TILE_SWITCH(4, CK_MR4) break;
#endif
  }
}
#undef CK_TILE
#undef CK_TILE_OF

#define CK_TILE(MR, NV)                                                                                                          \
  if (accumulate) ck_tile_outer_product(MR, NV, a, lda, depth, b, ldb, c, ldc, columns, 1, fetch, fetch_step);                   \
  else ck_tile_outer_product(MR, NV, a, lda, depth, b, ldb, c, ldc, columns, 0, fetch, fetch_step);
static void ck_outer_tile(int rows, int vectors, const float *a, int64_t lda, int depth, const float *b, int64_t ldb, float *c, int64_t ldc,
                          int columns, int accumulate, const char *fetch, int64_t fetch_step) {
  switch (vectors) {
  case 1: CK_TILE_SWITCH(1, CK_MR1) break;
  case 2: CK_TILE_SWITCH(2, CK_MR2) break;
#if CK_WIDTH == 16 || CK_REGISTERS == 32
  case 3: CK_TILE_SWITCH(3, CK_MR3) break;
  case 4: CK_TILE_SWITCH(4, CK_MR4) break;
#endif
  }
}
#undef CK_TILE

// C[rows][columns] (+)= A[rows][lines x depth] B, B packed by ck_pack_panel with depth `lines * depth`; with `finish` the
// tiles go there, and C is not touched.
INLINE void ck_product_rows_with(const float *a, int64_t lda, int64_t line_stride, int lines, int depth, int rows, const float *packed,
                                 int columns, float *c, int64_t ldc, int accumulate, const ck_finish *finish, ck_ahead *ahead) {
  const int vectors = ck_vectors(columns), at_once = finish && ck_finishes_at_once(finish);
  const int mode = at_once ? finish->output ? CK_OUTPUT : CK_SINK : accumulate ? CK_ADD : CK_WRITE;
  float kept[CK_MR_MAX * CK_NV * CK_WIDTH] __attribute__((aligned(64)));
  int column = 0;
  for (int i = 0; i < ck_panels(vectors); i++) {
    const int width = ck_panel_width(vectors, i), top = ck_tile_rows(width), left = columns - column;
    const int64_t kept_pitch = width * CK_WIDTH;
    for (int r = 0; r < rows;) {
      const int tile = ck_next_rows(rows - r, top), keeps = finish && !at_once;
      const ck_ahead_run fetch = ck_ahead_take(ahead, lines * depth, (const char *)packed);
      ck_rows_tile(tile, width, a + r * lda, lda, line_stride, lines, depth, packed, keeps ? kept : c + r * ldc + column,
                   keeps ? kept_pitch : ldc, left, mode, finish, r, column, fetch.at, fetch.step);
      if (keeps) ck_finish_kept(finish, r, tile, column, (int)ck_smaller(left, kept_pitch), kept, kept_pitch);
      ck_ahead_some(ahead);
      r += tile;
    }
    packed += (int64_t)lines * depth * width * CK_WIDTH;
    column += width * CK_WIDTH;
  }
}
static void ck_product_rows(const float *a, int64_t lda, int64_t line_stride, int lines, int depth, int rows, const float *packed,
                            int columns, float *c, int64_t ldc, int accumulate, ck_ahead *ahead) {
  ck_product_rows_with(a, lda, line_stride, lines, depth, rows, packed, columns, c, ldc, accumulate, 0, ahead);
}
static void ck_product_finished(const float *a, int64_t lda, int64_t line_stride, int lines, int depth, int rows, const float *packed,
                                int columns, const ck_finish *finish, ck_ahead *ahead) {
  ck_product_rows_with(a, lda, line_stride, lines, depth, rows, packed, columns, 0, 0, 0, finish, ahead);
}

// C[m][columns] (+)= sum over k < depth of A[k][m] B[k][columns]; B's rows may be read up to the padded columns.
static void ck_product_outer(const float *a, int64_t lda, int m, const float *b, int64_t ldb, int columns, int depth, float *c, int64_t ldc,
                             int accumulate, ck_ahead *ahead) {
  const int vectors = ck_vectors(columns);
  int column = 0;
  for (int i = 0; i < ck_panels(vectors); i++) {
    const int width = ck_panel_width(vectors, i), top = ck_tile_rows(width);
    for (int r = 0; r < m;) {
      const int tile = ck_next_rows(m - r, top);
      const ck_ahead_run fetch = ck_ahead_take(ahead, depth, (const char *)b);
      ck_outer_tile(tile, width, a + r, lda, depth, b + column, ldb, c + r * ldc + column, ldc, columns - column, accumulate, fetch.at,
                    fetch.step);
      ck_ahead_some(ahead);
      r += tile;
    }
    column += width * CK_WIDTH;
  }
}

// Register tiles of a product, for ck_ahead_spread.
INLINE int64_t ck_product_tiles(int rows, int columns) {
  const int vectors = ck_vectors(columns);
  int64_t tiles = 0;
  for (int i = 0; i < ck_panels(vectors); i++) tiles += (rows + ck_tile_rows(ck_panel_width(vectors, i)) - 1) / ck_tile_rows(ck_panel_width(vectors, i));
  return tiles;
}
