// Multi-head self-attention, one (image, group, head) a chunk. A block of queries meets all keys at once; the scores of a
// block stay in scratch and nothing of size tokens x tokens is ever kept: backward forms the probabilities again from the
// softmax's logarithms.

// Queries in a block, forward and backward: whole panels of every path, and full tiles of every height (48 and 24 are multiples
// of 6, 8 and 12), fewer where rows of scores are long.
INLINE int ck_attention_forward_block(const ck_attention *p) { return (int)ck_smaller(64, ck_padded(p->tokens)); }
INLINE int ck_attention_block(const ck_attention *p) { return p->tokens <= 1024 ? 48 : 24; }

INLINE int64_t ck_attention_row(const ck_attention *p, int64_t first, int token) {
  return first + (token / p->tokens_per_line) * p->line_stride + (token % p->tokens_per_line) * p->token_stride;
}

// Rows lie far apart, where no hardware looks ahead: those of a later token are asked for while one is copied.
enum { CK_TOKENS_AHEAD = 16 };
INLINE void ck_attention_ahead(const ck_attention *p, int64_t first, const float *data, int64_t stride, int64_t column, int token,
                               const int write) {
  if (token + CK_TOKENS_AHEAD >= p->tokens) return;
  const float *const row = data + ck_attention_row(p, first, token + CK_TOKENS_AHEAD) * stride + column;
  for (int c = 0; c < p->head_channels + CK_LINE / 4; c += CK_LINE / 4)
    if (write) __builtin_prefetch(row + c, 1, 3);
    else __builtin_prefetch(row + c, 0, 3);
}

// What a chunk is about: its first token's row, the first column of its q, k and v, and of its output.
typedef struct {
  int64_t first, q, k, v, qkv_stride, output, output_stride;
} ck_attention_place;

static ck_attention_place ck_attention_find(const ck_attention *p, int64_t chunk) {
  const int64_t head = chunk % p->heads, group = chunk / p->heads % p->groups, image = chunk / p->heads / p->groups;
  const int64_t inner = (int64_t)p->heads * p->head_channels;
  return (ck_attention_place){
      .first = image * p->image_rows + group / 2 * p->group_stride_y + group % 2 * p->group_stride_x,
      .q = head * p->head_channels,
      .k = inner + head * p->head_channels,
      .v = 2 * inner + head * p->head_channels,
      .qkv_stride = 3 * inner,
      .output = head * p->head_channels,
      .output_stride = inner,
  };
}

// Tokens t0 ..< t0 + rows, columns column ..< column + head_channels, times `scale` -> dst [rows][pitch], zero past them.
static void ck_attention_gather(const ck_attention *p, int64_t first, const float *data, int64_t stride, int64_t column, int t0, int rows,
                                float scale, float *dst, int64_t pitch) {
  for (int r = 0; r < rows; r++) {
    const float *in = data + ck_attention_row(p, first, t0 + r) * stride + column;
    float *out = dst + r * pitch;
    ck_attention_ahead(p, first, data, stride, column, t0 + r, 0);
    for (int c = 0; c < p->head_channels; c += CK_WIDTH) v_store(out + c, v_keep_n(v_load(in + c) * scale, p->head_channels - c));
    for (int64_t c = (p->head_channels + CK_WIDTH - 1) / CK_WIDTH * CK_WIDTH; c < pitch; c += CK_WIDTH) v_store(out + c, (vf){0});
  }
}

// The way back of ck_attention_gather; each element is written by one chunk only.
static void ck_attention_scatter(const ck_attention *p, int64_t first, const float *src, int64_t pitch, int t0, int rows, float scale,
                                 float *data, int64_t stride, int64_t column) {
  for (int r = 0; r < rows; r++) {
    const float *in = src + r * pitch;
    ck_attention_ahead(p, first, data, stride, column, t0 + r, 1);
    float *out = data + ck_attention_row(p, first, t0 + r) * stride + column;
    for (int c = 0; c < p->head_channels; c += CK_WIDTH) v_store_n(out + c, v_load(in + c) * scale, p->head_channels - c);
  }
}

// Keys (or values) as columns of a packed [head_channels][tokens] matrix, so that rows of queries times it are scores.
static void ck_attention_pack_columns(const ck_attention *p, int64_t first, int64_t column, int64_t stride, float *packed) {
  for (int t = 0; t < ck_padded(p->tokens); t += CK_WIDTH) {
    const float *values[CK_WIDTH];
    for (int i = 0; i < CK_WIDTH; i++) {
      ck_attention_ahead(p, first, p->qkv, stride, column, t + i, 0);
      values[i] = t + i < p->tokens ? p->qkv + ck_attention_row(p, first, t + i) * stride + column : 0;
    }
    ck_pack_columns(packed, p->head_channels, p->tokens, t, values);
  }
}

// Values (or keys) as rows of a packed [tokens][head_channels] matrix.
static void ck_attention_pack_rows(const ck_attention *p, int64_t first, int64_t column, int64_t stride, float *packed) {
  for (int t = 0; t < p->tokens; t++)
    ck_pack_row(packed, p->tokens, p->head_channels, t, p->qkv + ck_attention_row(p, first, t) * stride + column);
}

// src [rows][pitch] turned -> dst [pitch columns][dst_pitch], its rows a multiple of CK_WIDTH; both pitches whole vectors.
static void ck_attention_turn(const float *src, int64_t pitch, int rows, int columns, float *dst, int64_t dst_pitch) {
  for (int r = 0; r < rows; r += CK_WIDTH)
    for (int c = 0; c < columns; c += CK_WIDTH) {
      vf lanes[CK_WIDTH];
      for (int i = 0; i < CK_WIDTH; i++) lanes[i] = r + i < rows ? v_load(src + (r + i) * pitch + c) : (vf){0};
      v_transpose(lanes);
      for (int i = 0; i < CK_WIDTH; i++) v_store(dst + (c + i) * dst_pitch + r, lanes[i]);
    }
}

// The larger of forward's and backward's need.
static int64_t ck_attention_scratch_size(const ck_attention *p) {
  const int64_t tokens = ck_padded(p->tokens), channels = ck_padded(p->head_channels);
  const int64_t block = ck_attention_block(p), forward_block = ck_attention_forward_block(p);
  const int64_t backward = 2 * channels * tokens + 3 * tokens * channels + block * (2 * tokens + 3 * channels);
  const int64_t forward = 2 * tokens * channels + forward_block * (tokens + 4 * channels + 2);
  return (backward > forward ? backward : forward) + CK_PADDING;
}

// Queries stand side by side in the vectors: scores [tokens][queries] need no sums across lanes, and the product with the
// values, [channels][queries], fills its tiles whatever the head's width.
static void ck_attention_forward_chunk(const ck_attention *p, int64_t chunk, float *scratch) {
  const int tokens = p->tokens, channels = p->head_channels, block = ck_attention_forward_block(p);
  const int64_t pitch = ck_padded(channels);
  const ck_attention_place at = ck_attention_find(p, chunk);
  float *const keys = scratch, *const values = keys + tokens * pitch, *const q = values + tokens * pitch, *const packed = q + block * pitch;
  float *const turned = packed + block * pitch, *const product = turned + block * pitch, *const scores = product + block * pitch;
  float *const sums = scores + tokens * block;
  ck_attention_gather(p, at.first, p->qkv, at.qkv_stride, at.k, 0, tokens, 1.0f, keys, pitch);
  ck_attention_gather(p, at.first, p->qkv, at.qkv_stride, at.v, 0, tokens, 1.0f, values, pitch);
  for (int t0 = 0; t0 < tokens; t0 += block) {
    const int rows = (int)ck_smaller(block, tokens - t0);
    const int64_t width = ck_padded(rows);
    ck_attention_gather(p, at.first, p->qkv, at.qkv_stride, at.q, t0, rows, p->scale, q, pitch);
    for (int n = 0; n < width; n += CK_WIDTH) {
      const float *columns[CK_WIDTH];
      for (int i = 0; i < CK_WIDTH; i++) columns[i] = n + i < rows ? q + (n + i) * pitch : 0;
      ck_pack_columns(packed, channels, rows, n, columns);
    }
    ck_product_rows(keys, pitch, 0, 1, channels, tokens, packed, (int)width, scores, width, 0, 0);
    for (int n = 0; n < width; n += CK_WIDTH) {
      vf largest = v_set(-INFINITY), sum = {0};
      for (int t = 0; t < tokens; t++) largest = v_max(v_load(scores + t * width + n), largest);
      for (int t = 0; t < tokens; t++) {
        const vf e = v_exp(v_load(scores + t * width + n) - largest);
        v_store(scores + t * width + n, e);
        sum += e;
      }
      v_store(sums + n, sum);
      v_store(sums + width + n, largest);
    }
    for (int r = 0; p->log_sums && r < rows; r++) p->log_sums[chunk * tokens + t0 + r] = sums[width + r] + logf(sums[r]);
    // The division comes after the product with the values, which is narrower than the scores.
    for (int n = 0; n < width; n += CK_WIDTH) v_store(sums + n, 1.0f / v_load(sums + n));
    ck_product_outer(values, pitch, channels, scores, width, (int)width, tokens, turned, width, 0, 0);
    for (int c = 0; c < channels; c++)
      for (int n = 0; n < width; n += CK_WIDTH) v_store(turned + c * width + n, v_load(turned + c * width + n) * v_load(sums + n));
    ck_attention_turn(turned, width, channels, (int)width, product, pitch);
    ck_attention_scatter(p, at.first, product, pitch, t0, rows, 1.0f, p->output, at.output_stride, at.output);
  }
}

// With P the probabilities and O the output: dV = P^T dO, dS = P (dO V^T - sum(dO O)), dQ = scale dS K, dK = dS^T (scale Q). The
// gradients of keys and values are summed turned, [channels][tokens], where the tokens fill whole vectors.
static void ck_attention_backward_chunk(const ck_attention *p, int64_t chunk, float *scratch) {
  const int tokens = p->tokens, channels = p->head_channels, block = ck_attention_block(p);
  const int64_t pitch = ck_padded(channels), score_pitch = ck_padded(tokens);
  const ck_attention_place at = ck_attention_find(p, chunk);
  float *const key_columns = scratch, *const value_columns = key_columns + channels * score_pitch;
  float *const key_rows = value_columns + channels * score_pitch;
  float *const dk = key_rows + score_pitch * pitch, *const dv = dk + score_pitch * pitch;
  float *const probabilities = dv + score_pitch * pitch, *const ds = probabilities + block * score_pitch;
  float *const q = ds + block * score_pitch, *const g = q + block * pitch, *const dq = g + block * pitch;
  ck_attention_pack_columns(p, at.first, at.k, at.qkv_stride, key_columns);
  ck_attention_pack_columns(p, at.first, at.v, at.qkv_stride, value_columns);
  ck_attention_pack_rows(p, at.first, at.k, at.qkv_stride, key_rows);
  for (int t0 = 0; t0 < tokens; t0 += block) {
    const int rows = (int)ck_smaller(block, tokens - t0);
    ck_attention_gather(p, at.first, p->qkv, at.qkv_stride, at.q, t0, rows, p->scale, q, pitch);
    ck_attention_gather(p, at.first, p->output_gradient, at.output_stride, at.output, t0, rows, 1.0f, g, pitch);
    ck_product_rows(q, pitch, 0, 1, channels, rows, key_columns, tokens, probabilities, score_pitch, 0, 0);
    ck_product_rows(g, pitch, 0, 1, channels, rows, value_columns, tokens, ds, score_pitch, 0, 0);
    for (int r = 0; r < rows; r++) {
      const float *output = p->output + ck_attention_row(p, at.first, t0 + r) * at.output_stride + at.output;
      vf sum = {0};
      for (int c = 0; c < channels; c += CK_WIDTH) sum += v_keep_n(v_load(output + c) * v_load(g + r * pitch + c), channels - c);
      const float shared = v_sum(sum), log_sum = p->log_sums[chunk * tokens + t0 + r];
      float *s = probabilities + r * score_pitch, *d = ds + r * score_pitch;
      for (int t = 0; t < tokens; t += CK_WIDTH) {
        const vf probability = v_exp(v_load(s + t) - log_sum);
        v_store(s + t, probability);
        v_store(d + t, probability * (v_load(d + t) - shared));
      }
    }
    ck_product_rows(ds, score_pitch, 0, 1, tokens, rows, key_rows, channels, dq, pitch, 0, 0);
    ck_attention_scatter(p, at.first, dq, pitch, t0, rows, p->scale, p->qkv_gradient, at.qkv_stride, at.q);
    ck_product_outer(q, pitch, channels, ds, score_pitch, tokens, rows, dk, score_pitch, t0 != 0, 0);
    ck_product_outer(g, pitch, channels, probabilities, score_pitch, tokens, rows, dv, score_pitch, t0 != 0, 0);
  }
  // Keys and values have been used: their rows make room.
  ck_attention_turn(dk, score_pitch, channels, tokens, key_rows, pitch);
  ck_attention_scatter(p, at.first, key_rows, pitch, 0, tokens, 1.0f, p->qkv_gradient, at.qkv_stride, at.k);
  ck_attention_turn(dv, score_pitch, channels, tokens, key_rows, pitch);
  ck_attention_scatter(p, at.first, key_rows, pitch, 0, tokens, 1.0f, p->qkv_gradient, at.qkv_stride, at.v);
}
