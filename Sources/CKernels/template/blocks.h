// Blocks of values on their way out of a kernel: stored as an output or as the gradient of what was read, with the sums that
// batch norm needs gathered on the way.

// A block of a product: rows row ..< row + rows of a tensor, columns column ..< column + columns. The product's
// values stand `pitch` apart; those past the columns may be anything.
typedef struct {
  int64_t row;
  int rows, column, columns;
  const float *values;
  int64_t pitch;
} ck_block;

// `vectors` columns of a block from block column c on: activation(product + bias) + residual, stored. Of what is stored the
// pivot, sum(z - pivot) and sum((z - pivot)^2) are added to the chunk's slot; the chunk's first row is the pivot, which keeps
// the variance exact whatever the mean is. `first`: the block holds that row.
INLINE void ck_store_columns(const ck_output *o, const int activation, const int stream, const int vectors, int64_t chunk, int first,
                             const ck_block *k, int c) {
  const int column = k->column + c, left = k->columns - c;
  const float *const in = k->values + c;
  float *const out = o->data + k->row * o->channels + column;
  const float *const residual = o->residual ? o->residual + k->row * o->channels + column : 0;
  float *const pivots = o->partials ? o->partials + chunk * 3 * o->partial_pitch + column : 0;
  vf pivot[4], sum[4] = {{0}}, squares[4] = {{0}};
  for (int r = 0; r < k->rows; r++) {
    vf v[4];
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) {
      const int at = j * CK_WIDTH;
      v[j] = v_load(in + r * k->pitch + at);
      if (o->bias) v[j] += v_load(o->bias + column + at);
      v[j] = v_activate(v[j], activation);
      if (residual) v[j] += v_load(residual + (int64_t)r * o->channels + at);
      if (stream) v_stream(out + (int64_t)r * o->channels + at, v[j]);
      else v_store_n(out + (int64_t)r * o->channels + at, v[j], left - at);
    }
    if (!pivots) continue;
    if (r == 0)
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) {
        if (first) v_store_n(pivots + j * CK_WIDTH, v[j], left - j * CK_WIDTH);
        pivot[j] = first ? v[j] : v_load(pivots + j * CK_WIDTH);
      }
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) {
      const vf d = v[j] - pivot[j];
      sum[j] += d;
      squares[j] += d * d;
    }
  }
  if (!pivots) return;
  float *const sums = pivots + o->partial_pitch, *const sums2 = sums + o->partial_pitch;
#pragma clang loop unroll(full)
  for (int j = 0; j < vectors; j++) {
    const int at = j * CK_WIDTH;
    v_store_n(sums + at, first ? sum[j] : v_load(sums + at) + sum[j], left - at);
    v_store_n(sums2 + at, first ? squares[j] : v_load(sums2 + at) + squares[j], left - at);
  }
}

INLINE void ck_store_block_with(const ck_output *o, const int activation, const int stream, int64_t chunk, int first, const ck_block *k) {
  for (int c = 0; c < k->columns; c += 4 * CK_WIDTH) {
    const int left = (k->columns - c + CK_WIDTH - 1) / CK_WIDTH;
    switch (left) {
    case 1: ck_store_columns(o, activation, stream, 1, chunk, first, k, c); break;
    case 2: ck_store_columns(o, activation, stream, 2, chunk, first, k, c); break;
    case 3: ck_store_columns(o, activation, stream, 3, chunk, first, k, c); break;
    default: ck_store_columns(o, activation, stream, 4, chunk, first, k, c); break;
    }
  }
}

// `first` tells the chunk's first rows: they start the statistics.
static void ck_store_block(const ck_output *o, int64_t chunk, int first, const ck_block *k) {
  switch (2 * o->activation + (o->stream != 0)) {
  case 2 * CK_SILU: ck_store_block_with(o, CK_SILU, 0, chunk, first, k); break;
  case 2 * CK_SILU + 1: ck_store_block_with(o, CK_SILU, 1, chunk, first, k); break;
  case 2 * CK_RELU6: ck_store_block_with(o, CK_RELU6, 0, chunk, first, k); break;
  case 2 * CK_RELU6 + 1: ck_store_block_with(o, CK_RELU6, 1, chunk, first, k); break;
  case 2 * CK_LINEAR + 1: ck_store_block_with(o, CK_LINEAR, 1, chunk, first, k); break;
  default: ck_store_block_with(o, CK_LINEAR, 0, chunk, first, k); break;
  }
}

static void ck_store_rows(const ck_output *o, int64_t chunk, int first, int64_t row, int rows, const float *product, int64_t pitch) {
  ck_store_block(o, chunk, first, &(ck_block){row, rows, 0, o->channels, product, pitch});
}

// The chunk's slots of a sink start at zero; to be called before its first rows.
static void ck_sink_begin(const ck_sink *k, int64_t chunk) {
  for (int i = 0; i < k->count; i++) {
    const ck_sink_segment *g = &k->segments[i];
    if (g->partials && g->complete) memset(g->partials + chunk * 2 * g->partial_pitch, 0, (size_t)(2 * g->partial_pitch) * sizeof(float));
  }
  if (k->norm_partials) memset(k->norm_partials + chunk * 2 * k->norm_pitch, 0, (size_t)(2 * k->norm_pitch) * sizeof(float));
}

// `vectors` columns of a block of gradients from block column c on. `slopes`: the activation's, laid out as the block, where
// they are known already; else 0.
INLINE void ck_sink_columns(const ck_sink_segment *g, const int activation, const int vectors, int64_t chunk, const ck_block *k,
                            const float *slopes, int64_t slopes_pitch, int c) {
  const int column = k->column + c, left = k->columns - c;
  const float *const in = k->values + c;
  float *const out = g->gradient + k->row * g->channels + column;
  const float *const z = g->term.data ? g->term.data + k->row * g->term.stride + column : 0;
  float *const sums = g->partials && g->complete ? g->partials + chunk * 2 * g->partial_pitch + column : 0;
  vf sum[2] = {{0}}, products[2] = {{0}}, centre[2];
#pragma clang loop unroll(full)
  for (int j = 0; j < vectors; j++) centre[j] = sums ? v_load(g->centre + column + j * CK_WIDTH) : (vf){0};
  for (int r = 0; r < k->rows; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) {
      const int at = j * CK_WIDTH;
      vf v = v_load(in + r * k->pitch + at);
      if (g->accumulate) v += v_load(out + (int64_t)r * g->channels + at);
      if (g->complete && slopes) {
        v *= v_load(slopes + r * slopes_pitch + c + at);
      } else if (g->complete && activation != CK_LINEAR) {
        vf x = v_load(z + r * g->term.stride + at);
        if (g->term.scale) x = x * v_load(g->term.scale + column + at) + v_load(g->term.shift + column + at);
        v *= v_slope(x, activation);
      }
      if (g->stream) v_stream(out + (int64_t)r * g->channels + at, v);
      else v_store_n(out + (int64_t)r * g->channels + at, v, left - at);
      if (!sums) continue;
      sum[j] += v;
      products[j] += v * (v_load(z + r * g->term.stride + at) - centre[j]);
    }
  if (!sums) return;
#pragma clang loop unroll(full)
  for (int j = 0; j < vectors; j++) {
    const int at = j * CK_WIDTH;
    float *const sums2 = sums + g->partial_pitch;
    v_store_n(sums + at, v_load(sums + at) + sum[j], left - at);
    v_store_n(sums2 + at, v_load(sums2 + at) + products[j], left - at);
  }
}

INLINE void ck_sink_block_with(const ck_sink_segment *g, const int activation, int64_t chunk, const ck_block *k, const float *slopes,
                               int64_t slopes_pitch) {
  for (int c = 0; c < k->columns; c += 2 * CK_WIDTH)
    if (k->columns - c > CK_WIDTH) ck_sink_columns(g, activation, 2, chunk, k, slopes, slopes_pitch, c);
    else ck_sink_columns(g, activation, 1, chunk, k, slopes, slopes_pitch, c);
}

// A block of the gradient of what was read from one segment. `slopes`: what ck_load_rows_and_slopes left of the same block, or
// none.
static void ck_sink_block(const ck_sink_segment *g, int64_t chunk, const ck_block *k, const float *slopes, int64_t slopes_pitch) {
  if (!g->gradient) return;
  switch (g->complete ? g->term.activation : CK_LINEAR) {
  case CK_SILU:
    if (slopes) ck_sink_block_with(g, CK_SILU, chunk, k, slopes, slopes_pitch);
    else ck_sink_block_with(g, CK_SILU, chunk, k, 0, 0);
    break;
  case CK_RELU6: ck_sink_block_with(g, CK_RELU6, chunk, k, 0, 0); break;
  default: ck_sink_block_with(g, CK_LINEAR, chunk, k, 0, 0); break;
  }
}

// The gradient of the source's rows, dx [rows][pitch] -> the segments' gradients. With a layer norm, dx (the gradient of its
// output) is first taken through it, in place. `slopes`: what ck_load_rows_and_slopes left of the same rows, or none.
static void ck_sink_rows(const ck_sink *k, int64_t chunk, int64_t row0, int rows, float *dx, const float *slopes, int64_t pitch) {
  if (k->norm_scale) {
    const ck_term *x = &k->segments[0].term;
    const int channels = k->channels;
    float *weight = k->norm_partials ? k->norm_partials + chunk * 2 * k->norm_pitch : 0, *bias = weight ? weight + k->norm_pitch : 0;
    for (int r = 0; r < rows; r++) {
      const float *row = x->data + (row0 + r) * x->stride;
      float *d = dx + r * pitch, mean, inverse;
      ck_norm_row(row, channels, k->norm_epsilon, &mean, &inverse);
      vf sum = {0}, product = {0};
      for (int c = 0; c < channels; c += CK_WIDTH) {
        const vf dy = v_load(d + c), xhat = (v_load(row + c) - mean) * inverse;
        if (weight) {
          v_store_n(weight + c, v_load(weight + c) + dy * xhat, channels - c);
          v_store_n(bias + c, v_load(bias + c) + dy, channels - c);
        }
        const vf g = v_keep_n(dy * v_load(k->norm_scale + c), channels - c);
        sum += g;
        product += g * v_keep_n(xhat, channels - c);
      }
      const float m1 = v_sum(sum) / (float)channels, m2 = v_sum(product) / (float)channels;
      for (int c = 0; c < channels; c += CK_WIDTH) {
        const vf xhat = (v_load(row + c) - mean) * inverse;
        v_store_n(d + c, inverse * (v_load(d + c) * v_load(k->norm_scale + c) - m1 - xhat * m2), channels - c);
      }
    }
  }
  int at = 0;
  for (int i = 0; i < k->count; i++) {
    const ck_sink_segment *g = &k->segments[i];
    ck_sink_block(g, chunk, &(ck_block){row0, rows, 0, g->channels, dx + at, pitch}, slopes ? slopes + at : 0, pitch);
    at += g->channels;
  }
}
