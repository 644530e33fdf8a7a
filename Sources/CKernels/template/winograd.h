// Dense 3x3 convolutions of stride 1 by Winograd's F(4x4, 3x3): an output tile of 4x4 pixels from an input tile of 6x6 with 36
// products a channel pair instead of 144. Correlation with a kernel g of three is, in one dimension,
//   y = A^T [(G g) . (B^T d)]     d: 6 inputs, y: 4 outputs
// and its transpose gives the weight gradient: dg = G^T [(B^T d) . (A dy)]. In two dimensions each matrix is applied from both
// sides. The 36 elementwise products over tiles and channels are 36 matrix products, one a plane.
//
// The points of interpolation are 0, +-a, +-b and infinity. With the usual a = 1, b = 2 the error is twice as large.

enum { CK_PLANES = 36 };
#define CK_WA 0.625f
#define CK_WB 1.5f
#define CK_WA2 (CK_WA * CK_WA)
#define CK_WB2 (CK_WB * CK_WB)

// B^T d.
INLINE void ck_winograd_data(const vf d[6], vf v[6]) {
  const vf even_a = d[4] - CK_WB2 * d[2], odd_a = d[3] - CK_WB2 * d[1];
  const vf even_b = d[4] - CK_WA2 * d[2], odd_b = d[3] - CK_WA2 * d[1];
  v[0] = even_a - CK_WA2 * (d[2] - CK_WB2 * d[0]);
  v[1] = even_a + CK_WA * odd_a;
  v[2] = even_a - CK_WA * odd_a;
  v[3] = even_b + CK_WB * odd_b;
  v[4] = even_b - CK_WB * odd_b;
  v[5] = (d[5] - CK_WB2 * d[3]) - CK_WA2 * odd_a;
}
// A^T m.
INLINE void ck_winograd_output(const vf m[6], vf y[4]) {
  const vf sum_a = m[1] + m[2], difference_a = m[1] - m[2], sum_b = m[3] + m[4], difference_b = m[3] - m[4];
  y[0] = m[0] + sum_a + sum_b;
  y[1] = CK_WA * difference_a + CK_WB * difference_b;
  y[2] = CK_WA2 * sum_a + CK_WB2 * sum_b;
  y[3] = m[5] + (CK_WA * CK_WA2) * difference_a + (CK_WB * CK_WB2) * difference_b;
}
// A y.
INLINE void ck_winograd_spread(const vf y[4], vf m[6]) {
  const vf even_a = y[0] + CK_WA2 * y[2], odd_a = y[1] + CK_WA2 * y[3];
  const vf even_b = y[0] + CK_WB2 * y[2], odd_b = y[1] + CK_WB2 * y[3];
  m[0] = y[0];
  m[1] = even_a + CK_WA * odd_a;
  m[2] = even_a - CK_WA * odd_a;
  m[3] = even_b + CK_WB * odd_b;
  m[4] = even_b - CK_WB * odd_b;
  m[5] = y[3];
}
// The products of each point's distances from the other finite points.
#define CK_W0 (1.0f / (CK_WA2 * CK_WB2))
#define CK_W1 (1.0f / (2.0f * CK_WA2 * (CK_WA2 - CK_WB2)))
#define CK_W2 (1.0f / (2.0f * CK_WB2 * (CK_WB2 - CK_WA2)))
// G g.
INLINE void ck_winograd_kernel(const vf g[3], vf u[6]) {
  const vf even_a = CK_W1 * g[0] + (CK_W1 * CK_WA2) * g[2], odd_a = (CK_W1 * CK_WA) * g[1];
  const vf even_b = CK_W2 * g[0] + (CK_W2 * CK_WB2) * g[2], odd_b = (CK_W2 * CK_WB) * g[1];
  u[0] = CK_W0 * g[0];
  u[1] = even_a + odd_a;
  u[2] = even_a - odd_a;
  u[3] = even_b + odd_b;
  u[4] = even_b - odd_b;
  u[5] = g[2];
}
// G^T s.
INLINE void ck_winograd_kernel_gradient(const vf s[6], vf g[3]) {
  const vf sum_a = CK_W1 * (s[1] + s[2]), sum_b = CK_W2 * (s[3] + s[4]);
  g[0] = CK_W0 * s[0] + sum_a + sum_b;
  g[1] = (CK_W1 * CK_WA) * (s[1] - s[2]) + (CK_W2 * CK_WB) * (s[3] - s[4]);
  g[2] = s[5] + CK_WA2 * sum_a + CK_WB2 * sum_b;
}

// Weights of 9 taps -> 36 packed matrices [depth][columns], one after the other.
static void ck_winograd_pack_panel(const ck_pack *p, int64_t chunk) {
  const int vectors = ck_vectors(p->columns), depth = p->depth;
  const int64_t plane = ck_packed_size(depth, p->columns);
  int column = 0;
  for (int i = 0; i < chunk; i++) column += ck_panel_width(vectors, i) * CK_WIDTH;
  const int64_t width = ck_panel_width(vectors, (int)chunk) * CK_WIDTH;
  float *const panel = p->packed + (int64_t)column * depth;
  for (int k = 0; k < depth; k++)
    for (int n = 0; n < width; n += CK_WIDTH) {
      float *const out = panel + k * width + n;
      const int left = p->columns - column - n;
      const vf scale = p->column_scale && left > 0 ? v_load(p->column_scale + column + n) : v_set(1.0f);
      const float *const in = p->weights + k * p->depth_stride + (column + n) * p->column_stride;
      vf half[6][3];
#pragma clang loop unroll(full)
      for (int x = 0; x < 3; x++) {
        vf g[3], u[6];
#pragma clang loop unroll(full)
        for (int y = 0; y < 3; y++)
          g[y] = left > 0 ? v_keep_n(ck_pick(in + p->tap_offsets[3 * y + x], p->column_stride, left) * scale, left) : (vf){0};
        ck_winograd_kernel(g, u);
#pragma clang loop unroll(full)
        for (int i = 0; i < 6; i++) half[i][x] = u[i];
      }
#pragma clang loop unroll(full)
      for (int i = 0; i < 6; i++) {
        vf u[6];
        ck_winograd_kernel(half[i], u);
#pragma clang loop unroll(full)
        for (int j = 0; j < 6; j++) v_store(out + (6 * i + j) * plane, u[j]);
      }
    }
}

// A tile of 6x6 pixels, `line` and `pixel` floats apart -> its 36 points, `plane` floats apart.
static void ck_winograd_data_tile(const float *x, int64_t line, int64_t pixel, int channels, float *out, int64_t plane) {
  for (int c = 0; c < channels; c += CK_WIDTH) {
    vf half[6][6];
#pragma clang loop unroll(full)
    for (int j = 0; j < 6; j++) {
      vf d[6], v[6];
#pragma clang loop unroll(full)
      for (int i = 0; i < 6; i++) d[i] = v_load(x + i * line + j * pixel + c);
      ck_winograd_data(d, v);
#pragma clang loop unroll(full)
      for (int i = 0; i < 6; i++) half[i][j] = v[i];
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 6; i++) {
      vf v[6];
      ck_winograd_data(half[i], v);
#pragma clang loop unroll(full)
      for (int j = 0; j < 6; j++) v_store(out + (6 * i + j) * plane + c, v[j]);
    }
  }
}
// 36 points -> a tile of 4x4 pixels.
static void ck_winograd_output_tile(const float *m, int64_t plane, int channels, float *y, int64_t line, int64_t pixel) {
  for (int c = 0; c < channels; c += CK_WIDTH) {
    vf half[4][6];
#pragma clang loop unroll(full)
    for (int j = 0; j < 6; j++) {
      vf d[6], v[4];
#pragma clang loop unroll(full)
      for (int i = 0; i < 6; i++) d[i] = v_load(m + (6 * i + j) * plane + c);
      ck_winograd_output(d, v);
#pragma clang loop unroll(full)
      for (int i = 0; i < 4; i++) half[i][j] = v[i];
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      vf v[4];
      ck_winograd_output(half[i], v);
#pragma clang loop unroll(full)
      for (int j = 0; j < 4; j++) v_store(y + i * line + j * pixel + c, v[j]);
    }
  }
}
// A tile of 4x4 pixels -> 36 points: the transpose of ck_winograd_output_tile.
static void ck_winograd_spread_tile(const float *y, int64_t line, int64_t pixel, int channels, float *out, int64_t plane) {
  for (int c = 0; c < channels; c += CK_WIDTH) {
    vf half[6][4];
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
      vf d[4], v[6];
#pragma clang loop unroll(full)
      for (int i = 0; i < 4; i++) d[i] = v_load(y + i * line + j * pixel + c);
      ck_winograd_spread(d, v);
#pragma clang loop unroll(full)
      for (int i = 0; i < 6; i++) half[i][j] = v[i];
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 6; i++) {
      vf v[6];
      ck_winograd_spread(half[i], v);
#pragma clang loop unroll(full)
      for (int j = 0; j < 6; j++) v_store(out + (6 * i + j) * plane + c, v[j]);
    }
  }
}

// Bands are rows of tiles here. A block of them is multiplied at once; a chunk's last may be smaller.
#ifndef CK_BLOCK_TILES
#define CK_BLOCK_TILES 32
#endif
INLINE int ck_tile_columns(const ck_bands *b) { return (b->width + 3) / 4; }
INLINE int ck_winograd_block(const ck_bands *b) {
  const int columns = ck_tile_columns(b);
  return (int)ck_smaller(columns < CK_BLOCK_TILES ? CK_BLOCK_TILES / columns : 1, b->bands_per_chunk);
}
// Floats from plane to plane: an odd number of cache lines, so that the 36 lines of a place do not contend for the same sets.
INLINE int64_t ck_winograd_plane(int64_t tiles, int channels) { return (tiles * ck_padded(channels)) | CK_PADDING; }
// Floats of a line of pixels with a zero column at the left and as many at the right as its tiles want.
INLINE int64_t ck_winograd_line(const ck_bands *b, int channels) { return (int64_t)(4 * ck_tile_columns(b) + 2) * channels; }

// The six lines around tile row `unit`; two of them may stand there from the row above it.
typedef struct {
  int64_t unit;
  float *lines;
} ck_winograd_window;

INLINE void ck_winograd_slide(ck_winograd_window *w, const ck_bands *b, const ck_source *source, const ck_upstream *upstream, int64_t unit) {
  const int channels = source ? source->channels : upstream->channels;
  const int64_t line = ck_winograd_line(b, channels);
  const int image = (int)(unit / b->bands_per_image), top = (int)(unit % b->bands_per_image) * 4 - 1;
  int i = 0;
  if (w->unit >= 0 && w->unit + 1 == unit && top > 0) {
    memcpy(w->lines, w->lines + 4 * line, (size_t)(2 * line) * sizeof(float));
    i = 2;
  }
  w->unit = unit;
  for (; i < 6; i++) {
    float *const out = w->lines + i * line;
    const int y = top + i;
    if (y < 0 || y >= b->height) {
      memset(out, 0, (size_t)line * sizeof(float));
      continue;
    }
    const int64_t row = ((int64_t)image * b->height + y) * b->width;
    memset(out, 0, (size_t)channels * sizeof(float));
    if (source) ck_load_rows(source, row, b->width, out + channels, channels);
    else ck_load_upstream(upstream, row, b->width, out + channels, channels);
    memset(out + (int64_t)(b->width + 1) * channels, 0, (size_t)(line - (int64_t)(b->width + 1) * channels) * sizeof(float));
  }
}

static int64_t ck_winograd_forward_scratch(const ck_dense_forward *p) {
  const ck_bands *b = &p->bands;
  const int64_t tiles = (int64_t)ck_winograd_block(b) * ck_tile_columns(b);
  return CK_PLANES * (ck_winograd_plane(tiles, p->source.channels) + ck_winograd_plane(tiles, p->output.channels)) +
         ck_padded(6 * ck_winograd_line(b, p->source.channels)) + CK_PADDING + 16 * ck_tile_columns(b) * ck_padded(p->output.channels);
}

static void ck_winograd_forward_chunk(const ck_dense_forward *p, int64_t chunk, float *scratch) {
  const ck_bands *b = &p->bands;
  const int columns = ck_tile_columns(b), block = ck_winograd_block(b), channels = p->source.channels, outputs = p->output.channels;
  const int64_t pitch = ck_padded(channels), output_pitch = ck_padded(outputs), size = ck_packed_size(channels, outputs);
  const int64_t line = ck_winograd_line(b, channels), z_line = 4 * columns * output_pitch;
  const int64_t plane = ck_winograd_plane((int64_t)block * columns, channels), output_plane = ck_winograd_plane((int64_t)block * columns, outputs);
  float *const v = scratch, *const m = v + CK_PLANES * plane, *const z = m + CK_PLANES * output_plane;
  ck_winograd_window x = {-1, z + 4 * z_line};
  const int64_t first = chunk * b->bands_per_chunk, last = ck_smaller(first + b->bands_per_chunk, ck_units(b));
  for (int64_t unit = first; unit < last; unit += block) {
    const int rows = (int)ck_smaller(block, last - unit), tiles = rows * columns;
    for (int r = 0; r < rows; r++) {
      ck_winograd_slide(&x, b, &p->source, 0, unit + r);
      for (int t = 0; t < columns; t++)
        ck_winograd_data_tile(x.lines + 4 * t * channels, line, channels, channels, v + (r * columns + t) * pitch, plane);
    }
    for (int i = 0; i < CK_PLANES; i++)
      ck_product_rows(v + i * plane, pitch, 0, 1, channels, tiles, p->packed + i * size, outputs, m + i * output_plane, output_pitch, 0, 0);
    for (int r = 0; r < rows; r++) {
      for (int t = 0; t < columns; t++)
        ck_winograd_output_tile(m + (r * columns + t) * output_pitch, output_plane, outputs, z + 4 * t * output_pitch, z_line, output_pitch);
      int image, begin, end;
      ck_band(b, unit + r, &image, &begin, &end);
      for (int y = begin; y < end; y++)
        ck_store_rows(&p->output, chunk, unit + r == first && y == begin, ((int64_t)image * b->height + y) * b->width, b->width,
                      z + (y - begin) * z_line, output_pitch);
    }
  }
}

static int64_t ck_winograd_backward_scratch(const ck_dense_backward *p) {
  const ck_bands *b = &p->bands;
  const int64_t tiles = (int64_t)ck_winograd_block(b) * ck_tile_columns(b);
  return CK_PLANES * (ck_winograd_plane(tiles, p->source.channels) + ck_winograd_plane(tiles, p->upstream.channels)) +
         ck_padded(6 * ck_winograd_line(b, p->upstream.channels)) + CK_PADDING + 16 * ck_tile_columns(b) * ck_padded(p->source.channels) +
         (p->weight_partials ? CK_PLANES * p->source.channels * ck_padded(p->upstream.channels) : 0);
}

// The points of dz's 6x6 tiles serve both gradients.
static void ck_winograd_backward_chunk(const ck_dense_backward *p, int64_t chunk, float *scratch) {
  const ck_bands *b = &p->bands;
  const int columns = ck_tile_columns(b), block = ck_winograd_block(b), channels = p->source.channels, upstream_channels = p->upstream.channels;
  const int64_t pitch = ck_padded(channels), upstream_pitch = ck_padded(upstream_channels), size = ck_packed_size(upstream_channels, channels);
  const int64_t line = ck_winograd_line(b, upstream_channels), x_line = 4 * columns * pitch;
  const int64_t plane = ck_winograd_plane((int64_t)block * columns, channels);
  const int64_t upstream_plane = ck_winograd_plane((int64_t)block * columns, upstream_channels);
  float *const v = scratch, *const m = v + CK_PLANES * upstream_plane, *const x = m + CK_PLANES * plane;
  float *const sums = x + 4 * x_line, *const weights = p->weight_partials ? p->weight_partials + chunk * p->weight_pitch : 0;
  const int64_t sums_plane = channels * upstream_pitch;
  ck_winograd_window dz = {-1, weights ? sums + CK_PLANES * sums_plane : sums};
  const int64_t first = chunk * b->bands_per_chunk, last = ck_smaller(first + b->bands_per_chunk, ck_units(b));
  if (p->sink.count) ck_sink_begin(&p->sink, chunk);
  for (int64_t unit = first; unit < last; unit += block) {
    const int rows = (int)ck_smaller(block, last - unit), tiles = rows * columns;
    for (int r = 0; r < rows; r++) {
      ck_winograd_slide(&dz, b, 0, &p->upstream, unit + r);
      for (int t = 0; t < columns; t++)
        ck_winograd_data_tile(dz.lines + 4 * t * upstream_channels, line, upstream_channels, upstream_channels,
                              v + (r * columns + t) * upstream_pitch, upstream_plane);
      if (!weights) continue;
      int image, begin, end;
      ck_band(b, unit + r, &image, &begin, &end);
      for (int y = begin; y < begin + 4; y++) {
        float *const out = x + (y - begin) * x_line;
        if (y < end) ck_load_rows(&p->source, ((int64_t)image * b->height + y) * b->width, b->width, out, pitch);
        const int64_t filled = y < end ? b->width * pitch : 0;
        memset(out + filled, 0, (size_t)(x_line - filled) * sizeof(float));
      }
      for (int t = 0; t < columns; t++)
        ck_winograd_spread_tile(x + 4 * t * pitch, x_line, pitch, channels, m + (r * columns + t) * pitch, plane);
    }
    for (int i = 0; i < CK_PLANES; i++) {
      if (weights)
        ck_product_outer(m + i * plane, pitch, channels, v + i * upstream_plane, upstream_pitch, upstream_channels, tiles,
                         sums + i * sums_plane, upstream_pitch, unit != first, 0);
      // What the weights' gradient has used makes room for the product.
      if (p->sink.count)
        ck_product_rows(v + i * upstream_plane, upstream_pitch, 0, 1, upstream_channels, tiles, p->packed + i * size, channels, m + i * plane,
                        pitch, 0, 0);
    }
    for (int r = 0; r < rows && p->sink.count; r++) {
      for (int t = 0; t < columns; t++)
        ck_winograd_output_tile(m + (r * columns + t) * pitch, plane, channels, x + 4 * t * pitch, x_line, pitch);
      int image, begin, end;
      ck_band(b, unit + r, &image, &begin, &end);
      for (int y = begin; y < end; y++)
        ck_sink_rows(&p->sink, chunk, ((int64_t)image * b->height + y) * b->width, b->width, x + (y - begin) * x_line, 0, pitch);
    }
  }
  for (int k = 0; weights && k < channels; k++)
    for (int n = 0; n < upstream_channels; n += CK_WIDTH) {
      vf half[3][6];
#pragma clang loop unroll(full)
      for (int j = 0; j < 6; j++) {
        vf s[6], g[3];
#pragma clang loop unroll(full)
        for (int i = 0; i < 6; i++) s[i] = v_load(sums + (6 * i + j) * sums_plane + k * upstream_pitch + n);
        ck_winograd_kernel_gradient(s, g);
#pragma clang loop unroll(full)
        for (int i = 0; i < 3; i++) half[i][j] = g[i];
      }
#pragma clang loop unroll(full)
      for (int i = 0; i < 3; i++) {
        vf g[3];
        ck_winograd_kernel_gradient(half[i], g);
        for (int j = 0; j < 3; j++)
          v_store_n(weights + ((int64_t)(i * channels + k) * 3 + j) * upstream_channels + n, g[j], upstream_channels - n);
      }
    }
}
