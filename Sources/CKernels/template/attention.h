// Multi-head self-attention, one (image, group, head) a chunk. A block of queries meets all keys at once; the scores of a
// block stay in scratch and nothing of size tokens x tokens is ever kept: backward forms the probabilities again from the
// softmax's logarithms.

// Queries in a block: full tiles of every width (48 and 24 are multiples of 6, 8 and 12), fewer where rows of scores are long.
INLINE int ck_attention_block(const ck_attention *p) { return p->tokens <= 1024 ? 48 : 24; }

INLINE int64_t ck_attention_row(const ck_attention *p, int64_t first, int token) {
  return first + (token / p->tokens_per_line) * p->line_stride + (token % p->tokens_per_line) * p->token_stride;
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
    for (int c = 0; c < p->head_channels; c += CK_WIDTH) v_store(out + c, v_keep_n(v_load(in + c) * scale, p->head_channels - c));
    for (int64_t c = (p->head_channels + CK_WIDTH - 1) / CK_WIDTH * CK_WIDTH; c < pitch; c += CK_WIDTH) v_store(out + c, (vf){0});
  }
}

// The way back of ck_attention_gather; each element is written by one chunk only.
static void ck_attention_scatter(const ck_attention *p, int64_t first, const float *src, int64_t pitch, int t0, int rows, float scale,
                                 float *data, int64_t stride, int64_t column) {
  for (int r = 0; r < rows; r++) {
    const float *in = src + r * pitch;
    float *out = data + ck_attention_row(p, first, t0 + r) * stride + column;
    for (int c = 0; c < p->head_channels; c += CK_WIDTH) v_store_n(out + c, v_load(in + c) * scale, p->head_channels - c);
  }
}

// Keys (or values) as columns of a packed [head_channels][tokens] matrix, so that rows of queries times it are scores.
static void ck_attention_pack_columns(const ck_attention *p, int64_t first, int64_t column, int64_t stride, float *packed) {
  for (int t = 0; t < ck_padded(p->tokens); t += CK_WIDTH) {
    const float *values[CK_WIDTH];
    for (int i = 0; i < CK_WIDTH; i++)
      values[i] = t + i < p->tokens ? p->qkv + ck_attention_row(p, first, t + i) * stride + column : 0;
    ck_pack_columns(packed, p->head_channels, p->tokens, t, values);
  }
}

// Values (or keys) as rows of a packed [tokens][head_channels] matrix.
static void ck_attention_pack_rows(const ck_attention *p, int64_t first, int64_t column, int64_t stride, float *packed) {
  for (int t = 0; t < p->tokens; t++)
    ck_pack_row(packed, p->tokens, p->head_channels, t, p->qkv + ck_attention_row(p, first, t) * stride + column);
}

// Backward's need, which is the larger.
static int64_t ck_attention_scratch_size(const ck_attention *p) {
  const int64_t tokens = ck_padded(p->tokens), channels = ck_padded(p->head_channels), block = ck_attention_block(p);
  return 2 * p->head_channels * tokens + 3 * p->tokens * channels + block * (2 * tokens + 3 * channels + 1) + CK_PADDING;
}

static void ck_attention_forward_chunk(const ck_attention *p, int64_t chunk, float *scratch) {
  const int tokens = p->tokens, channels = p->head_channels, block = ck_attention_block(p);
  const int64_t pitch = ck_padded(channels), score_pitch = ck_padded(tokens);
  const ck_attention_place at = ck_attention_find(p, chunk);
  float *const keys = scratch, *const values = keys + channels * score_pitch, *const scores = values + tokens * pitch;
  float *const q = scores + block * score_pitch, *const product = q + block * pitch, *const sums = product + block * pitch;
  ck_attention_pack_columns(p, at.first, at.k, at.qkv_stride, keys);
  ck_attention_pack_rows(p, at.first, at.v, at.qkv_stride, values);
  for (int t0 = 0; t0 < tokens; t0 += block) {
    const int rows = (int)ck_smaller(block, tokens - t0);
    ck_attention_gather(p, at.first, p->qkv, at.qkv_stride, at.q, t0, rows, p->scale, q, pitch);
    ck_product_rows(q, pitch, 0, 1, channels, rows, keys, tokens, scores, score_pitch, 0, 0);
    for (int r = 0; r < rows; r++) {
      float *s = scores + r * score_pitch;
      const float largest = v_largest_of(s, tokens), sum = v_exponentials(s, tokens, largest, s);
      sums[r] = sum;
      if (p->log_sums) p->log_sums[chunk * tokens + t0 + r] = largest + logf(sum);
    }
    ck_product_rows(scores, score_pitch, 0, 1, tokens, rows, values, channels, product, pitch, 0, 0);
    // The division comes after the product with the values, which is narrower than the scores.
    for (int r = 0; r < rows; r++)
      for (int64_t c = 0; c < pitch; c += CK_WIDTH) v_store(product + r * pitch + c, v_load(product + r * pitch + c) / sums[r]);
    ck_attention_scatter(p, at.first, product, pitch, t0, rows, 1.0f, p->output, at.output_stride, at.output);
  }
}

// With P the probabilities and O the output: dV = P^T dO, dS = P (dO V^T - sum(dO O)), dQ = scale dS K, dK = dS^T (scale Q).
static void ck_attention_backward_chunk(const ck_attention *p, int64_t chunk, float *scratch) {
  const int tokens = p->tokens, channels = p->head_channels, block = ck_attention_block(p);
  const int64_t pitch = ck_padded(channels), score_pitch = ck_padded(tokens);
  const ck_attention_place at = ck_attention_find(p, chunk);
  float *const key_columns = scratch, *const value_columns = key_columns + channels * score_pitch;
  float *const key_rows = value_columns + channels * score_pitch;
  float *const dk = key_rows + tokens * pitch, *const dv = dk + tokens * pitch;
  float *const probabilities = dv + tokens * pitch, *const ds = probabilities + block * score_pitch;
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
    ck_product_outer(ds, score_pitch, tokens, q, pitch, channels, rows, dk, pitch, t0 != 0, 0);
    ck_product_outer(probabilities, score_pitch, tokens, g, pitch, channels, rows, dv, pitch, t0 != 0, 0);
  }
  ck_attention_scatter(p, at.first, dk, pitch, 0, tokens, 1.0f, p->qkv_gradient, at.qkv_stride, at.k);
  ck_attention_scatter(p, at.first, dv, pitch, 0, tokens, 1.0f, p->qkv_gradient, at.qkv_stride, at.v);
}
