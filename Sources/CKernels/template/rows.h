// Rows on their way into a kernel: loading a source with its deferred normalisation, forming dz. They work on a block of rows
// that stays in cache.

INLINE vf ck_term_at(const ck_term *t, const float *row, int channel, const int activation) {
  vf v = v_load(row + channel);
  if (t->scale) v = v * v_load(t->scale + channel) + v_load(t->shift + channel);
  return v_activate(v, activation);
}

// Rows go some at a time, so that what belongs to a channel is loaded once for all of them.
enum { CK_ROWS_AT_ONCE = 4 };

INLINE void ck_load_term_rows(const ck_term *t, const int activation, const int scaled, const int ROWS, int channels, const float *src, float *dst,
                              int64_t pitch, ck_ahead_run *ahead) {
  const char *fetch = ahead->at;
  for (int c = 0; c < channels; c += CK_WIDTH) {
    const vf scale = scaled ? v_load(t->scale + c) : (vf){0}, shift = scaled ? v_load(t->shift + c) : (vf){0};
#pragma clang loop unroll(full)
    for (int r = 0; r < ROWS; r++) {
      const vf z = v_load(src + r * t->stride + c);
      v_store_n(dst + r * pitch + c, v_activate(scaled ? z * scale + shift : z, activation), channels - c);
      __builtin_prefetch(fetch, 0, 2);
      fetch += ahead->step;
    }
  }
  ahead->at = fetch;
}

INLINE void ck_load_term_with(const ck_term *t, const int activation, const int scaled, int channels, const float *src, int rows, float *dst,
                              int64_t pitch, ck_ahead_run *ahead) {
  int r = 0;
  for (; r + CK_ROWS_AT_ONCE <= rows; r += CK_ROWS_AT_ONCE)
    ck_load_term_rows(t, activation, scaled, CK_ROWS_AT_ONCE, channels, src + r * t->stride, dst + r * pitch, pitch, ahead);
  for (; r < rows; r++) ck_load_term_rows(t, activation, scaled, 1, channels, src + r * t->stride, dst + r * pitch, pitch, ahead);
}

INLINE void ck_load_term(const ck_term *t, const int activation, int channels, int64_t row0, int rows, float *dst, int64_t pitch,
                         ck_ahead_run *ahead) {
  const float *const src = t->data + row0 * t->stride;
  if (t->scale) ck_load_term_with(t, activation, 1, channels, src, rows, dst, pitch, ahead);
  else ck_load_term_with(t, activation, 0, channels, src, rows, dst, pitch, ahead);
}

// The same for SiLU, and its slope at every value: the way back needs both.
INLINE void ck_load_term_and_slopes(const ck_term *t, int channels, int64_t row0, int rows, float *dst, float *slopes, int64_t pitch,
                                    ck_ahead_run *ahead) {
  const char *fetch = ahead->at;
  for (int r = 0; r < rows; r++) {
    const float *src = t->data + (row0 + r) * t->stride;
    for (int c = 0; c < channels; c += CK_WIDTH) {
      vf slope;
      const vf value = v_silu_and_slope(ck_term_at(t, src, c, CK_LINEAR), &slope);
      v_store_n(dst + r * pitch + c, value, channels - c);
      v_store_n(slopes + r * pitch + c, slope, channels - c);
      __builtin_prefetch(fetch, 0, 2);
      fetch += ahead->step;
    }
  }
  ahead->at = fetch;
}

INLINE void ck_add_term(const ck_term *t, const int activation, int channels, int64_t row0, int rows, float *dst, int64_t pitch, float *sum) {
  for (int r = 0; r < rows; r++) {
    const float *src = t->data + (row0 + r) * t->stride;
    float *out = dst + r * pitch;
    for (int c = 0; c < channels; c += CK_WIDTH) {
      const vf v = v_load(out + c) + ck_term_at(t, src, c, activation);
      v_store_n(out + c, v, channels - c);
      if (sum) v_store_n(sum + (row0 + r) * channels + c, v, channels - c);
    }
  }
}

// The row's mean and 1 / sqrt(variance + epsilon) over its channels; two passes over cached values.
INLINE void ck_norm_row(const float *row, int channels, float epsilon, float *mean, float *inverse) {
  vf sum = {0};
  for (int c = 0; c < channels; c += CK_WIDTH) sum += v_keep_n(v_load(row + c), channels - c);
  const float m = v_sum(sum) / (float)channels;
  vf squares = {0};
  for (int c = 0; c < channels; c += CK_WIDTH) {
    const vf d = v_keep_n(v_load(row + c) - m, channels - c);
    squares += d * d;
  }
  *mean = m;
  *inverse = 1.0f / sqrtf(v_sum(squares) / (float)channels + epsilon);
}

// A source whose readers see it as it is stored, one tensor and nothing applied, may be read in place: its rows from row0 on,
// segments[0].term.stride apart; else 0.
INLINE const float *ck_plain_rows(const ck_source *s, int64_t row0) {
  const ck_segment *g = &s->segments[0];
  const int plain = s->count == 1 && !s->norm_scale && !g->residual.data && !g->term.scale && g->term.activation == CK_LINEAR;
  return plain ? g->term.data + row0 * g->term.stride : 0;
}

// Source rows row0 ..< row0 + rows as the reader sees them -> dst [rows][pitch]. Columns from `channels` to the pitch are
// zero, so that products may run over whole vectors. With `slopes` [rows][pitch], the slopes of SiLU segments go there for
// ck_sink_rows of the same rows: the derivative then needs no exponential of its own. With `ahead`, each vector takes a step of it.
static void ck_load_rows_and_slopes(const ck_source *s, int64_t row0, int rows, float *dst, float *slopes, int64_t pitch, ck_ahead_run *ahead) {
  ck_ahead_run none = {(const char *)dst, 0};
  const int fetches = ahead && ahead->step > 0;
  if (!fetches) ahead = &none;
  const float *const plain = ck_plain_rows(s, row0);
  if (plain && !fetches && s->segments[0].term.stride == pitch && s->channels == pitch) {
    memcpy(dst, plain, (size_t)(rows * pitch) * sizeof(float));
    return;
  }
  int at = 0;
  for (int i = 0; i < s->count; i++) {
    const ck_segment *g = &s->segments[i];
    float *out = dst + at;
    switch (g->term.activation) {
    case CK_SILU:
      if (slopes) ck_load_term_and_slopes(&g->term, g->channels, row0, rows, out, slopes + at, pitch, ahead);
      else ck_load_term(&g->term, CK_SILU, g->channels, row0, rows, out, pitch, ahead);
      break;
    case CK_RELU6: ck_load_term(&g->term, CK_RELU6, g->channels, row0, rows, out, pitch, ahead); break;
    default: ck_load_term(&g->term, CK_LINEAR, g->channels, row0, rows, out, pitch, ahead); break;
    }
    if (g->residual.data) {
      switch (g->residual.activation) {
      case CK_SILU: ck_add_term(&g->residual, CK_SILU, g->channels, row0, rows, out, pitch, g->sum); break;
      case CK_RELU6: ck_add_term(&g->residual, CK_RELU6, g->channels, row0, rows, out, pitch, g->sum); break;
      default: ck_add_term(&g->residual, CK_LINEAR, g->channels, row0, rows, out, pitch, g->sum); break;
      }
    }
    at += g->channels;
  }
  if (s->norm_scale) {
    for (int r = 0; r < rows; r++) {
      float *row = dst + r * pitch, mean, inverse;
      ck_norm_row(row, s->channels, s->norm_epsilon, &mean, &inverse);
      for (int c = 0; c < s->channels; c += CK_WIDTH)
        v_store_n(row + c, (v_load(row + c) - mean) * inverse * v_load(s->norm_scale + c) + v_load(s->norm_shift + c), s->channels - c);
    }
  }
  if (pitch > s->channels)
    for (int r = 0; r < rows; r++) memset(dst + r * pitch + s->channels, 0, (size_t)(pitch - s->channels) * sizeof(float));
}

static void ck_load_rows(const ck_source *s, int64_t row0, int rows, float *dst, int64_t pitch) {
  ck_load_rows_and_slopes(s, row0, rows, dst, 0, pitch, 0);
}

INLINE void ck_load_upstream_rows(const ck_upstream *u, const int ROWS, int64_t row, float *dst, int64_t pitch) {
  const int channels = u->channels;
  const float *const g = u->gradient + row * channels, *const z = u->raw ? u->raw + row * channels : 0;
  if (!z) {
    for (int r = 0; r < ROWS; r++)
      for (int c = 0; c < channels; c += CK_WIDTH) v_store_n(dst + r * pitch + c, v_load(g + r * channels + c), channels - c);
    return;
  }
  for (int c = 0; c < channels; c += CK_WIDTH) {
    const vf at_g = v_load(u->a + c), at_z = v_load(u->b + c), shift = v_load(u->c + c);
#pragma clang loop unroll(full)
    for (int r = 0; r < ROWS; r++)
      v_store_n(dst + r * pitch + c, at_g * v_load(g + r * channels + c) + (at_z * v_load(z + r * channels + c) + shift), channels - c);
  }
}

// dz rows -> dst [rows][pitch], zero past the channels.
static void ck_load_upstream(const ck_upstream *u, int64_t row0, int rows, float *dst, int64_t pitch) {
  int r = 0;
  for (; r + CK_ROWS_AT_ONCE <= rows; r += CK_ROWS_AT_ONCE) ck_load_upstream_rows(u, CK_ROWS_AT_ONCE, row0 + r, dst + r * pitch, pitch);
  for (; r < rows; r++) ck_load_upstream_rows(u, 1, row0 + r, dst + r * pitch, pitch);
  if (pitch > u->channels)
    for (r = 0; r < rows; r++) memset(dst + r * pitch + u->channels, 0, (size_t)(pitch - u->channels) * sizeof(float));
}
