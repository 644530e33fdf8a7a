// Packed weights, and matrix products out of register tiles. There are two, because of how the left side is read:
//   rows:  C[r][n] (+)= sum over k of A[r][k] B[k][n]     B packed in panels (weights)
//   outer: C[m][n] (+)= sum over k of A[k][m] B[k][n]     B in plain rows (weight gradients)
// Sums run over k in order, so a result does not depend on how rows are cut.

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

// C[rows][columns] (+)= A[rows][lines x depth] B, B packed by ck_pack_panel with depth `lines * depth`; with `finish` the
// tiles go there, and C is not touched.
INLINE void ck_product_rows_with(const float *a, int64_t lda, int64_t line_stride, int lines, int depth, int rows, const float *packed,
                                 int columns, float *c, int64_t ldc, int accumulate, const ck_finish *finish, ck_ahead *ahead) {
  const int vectors = ck_vectors(columns), at_once = finish && ck_finishes_at_once(finish), keeps = finish && !at_once;
  const int mode = at_once ? finish->output ? CK_OUTPUT : CK_SINK : accumulate ? CK_ADD : CK_WRITE;
  float kept[CK_MR_MAX * CK_NV * CK_WIDTH] __attribute__((aligned(64)));
  int column = 0;
  for (int i = 0; i < ck_panels(vectors); i++) {
    const int width = ck_panel_width(vectors, i), left = columns - column, top = ck_tile_rows(width, left);
    if (left <= 0) break; // nothing but padding
    const int64_t kept_pitch = width * CK_WIDTH;
    for (int r = 0; r < rows;) {
      const int tile = ck_next_rows(rows - r, top);
      const ck_ahead_run fetch = ck_ahead_take(ahead, lines * depth, (const char *)packed);
      const ck_terms terms = {a + r * lda, lda, line_stride, lines, depth, packed, 0, fetch.at, fetch.step};
      ck_rows_tile(tile, width, &terms, mode,
                   &(ck_tile_place){r, column, left, keeps ? kept : c + r * ldc + column, keeps ? kept_pitch : ldc, finish});
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
    const int width = ck_panel_width(vectors, i), left = columns - column, top = ck_tile_rows(width, left);
    if (left <= 0) break; // nothing but padding
    for (int r = 0; r < m;) {
      const int tile = ck_next_rows(m - r, top);
      const ck_ahead_run fetch = ck_ahead_take(ahead, depth, (const char *)b);
      const ck_terms terms = {a + r, lda, 0, 1, depth, b + column, ldb, fetch.at, fetch.step};
      ck_outer_tile(tile, width, &terms, accumulate ? CK_ADD : CK_WRITE, &(ck_tile_place){r, column, left, c + r * ldc + column, ldc, 0});
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
  int column = 0;
  for (int i = 0; i < ck_panels(vectors); i++) {
    const int width = ck_panel_width(vectors, i), top = ck_tile_rows(width, columns - column);
    if (column >= columns) break;
    tiles += (rows + top - 1) / top;
    column += width * CK_WIDTH;
  }
  return tiles;
}
