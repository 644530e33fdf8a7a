// Rows in and out of a kernel: loading a source with its deferred normalisation, forming dz, storing gradients and
// gathering the sums that batch norm needs. All of them work on a block of rows that stays in cache.

INLINE vf ck_term_at(const ck_term *t, const float *row, int channel, const int activation) {
  vf v = v_load(row + channel);
  if (t->scale) v = v * v_load(t->scale + channel) + v_load(t->shift + channel);
  return v_activate(v, activation);
}

INLINE void ck_load_term(const ck_term *t, const int activation, int channels, int64_t row0, int rows, float *dst, int64_t pitch) {
  for (int r = 0; r < rows; r++) {
    const float *src = t->data + (row0 + r) * t->stride;
    float *out = dst + r * pitch;
    for (int c = 0; c < channels; c += CK_WIDTH) v_store_n(out + c, ck_term_at(t, src, c, activation), channels - c);
  }
}

// The same for SiLU, and its slope at every value: the way back needs both.
INLINE void ck_load_term_and_slopes(const ck_term *t, int channels, int64_t row0, int rows, float *dst, float *slopes, int64_t pitch) {
  for (int r = 0; r < rows; r++) {
    const float *src = t->data + (row0 + r) * t->stride;
    for (int c = 0; c < channels; c += CK_WIDTH) {
      vf slope;
      const vf value = v_silu_and_slope(ck_term_at(t, src, c, CK_LINEAR), &slope);
      v_store_n(dst + r * pitch + c, value, channels - c);
      v_store_n(slopes + r * pitch + c, slope, channels - c);
    }
  }
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

// Source rows row0 ..< row0 + rows as the reader sees them -> dst [rows][pitch]. Columns from `channels` to the pitch are
// zero, so that products may run over whole vectors. With `slopes` [rows][pitch], the slopes of SiLU segments go there for
// ck_sink_rows of the same rows: the derivative then needs no exponential of its own.
static void ck_load_rows_and_slopes(const ck_source *s, int64_t row0, int rows, float *dst, float *slopes, int64_t pitch) {
  int at = 0;
  for (int i = 0; i < s->count; i++) {
    const ck_segment *g = &s->segments[i];
    float *out = dst + at;
    switch (g->term.activation) {
    case CK_SILU:
      if (slopes) ck_load_term_and_slopes(&g->term, g->channels, row0, rows, out, slopes + at, pitch);
      else ck_load_term(&g->term, CK_SILU, g->channels, row0, rows, out, pitch);
      break;
    case CK_RELU6: ck_load_term(&g->term, CK_RELU6, g->channels, row0, rows, out, pitch); break;
    default: ck_load_term(&g->term, CK_LINEAR, g->channels, row0, rows, out, pitch); break;
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
  ck_load_rows_and_slopes(s, row0, rows, dst, 0, pitch);
}

// A source whose readers see it as it is stored, one tensor and nothing applied, may be read in place: its rows from row0 on,
// segments[0].term.stride apart; else 0.
INLINE const float *ck_plain_rows(const ck_source *s, int64_t row0) {
  const ck_segment *g = &s->segments[0];
  const int plain = s->count == 1 && !s->norm_scale && !g->residual.data && !g->term.scale && g->term.activation == CK_LINEAR;
  return plain ? g->term.data + row0 * g->term.stride : 0;
}

// dz rows -> dst [rows][pitch], zero past the channels.
static void ck_load_upstream(const ck_upstream *u, int64_t row0, int rows, float *dst, int64_t pitch) {
  const int channels = u->channels;
  for (int r = 0; r < rows; r++) {
    const float *g = u->gradient + (row0 + r) * channels;
    float *out = dst + r * pitch;
    if (u->raw) {
      const float *z = u->raw + (row0 + r) * channels;
      for (int c = 0; c < channels; c += CK_WIDTH)
        v_store_n(out + c, v_load(u->a + c) * v_load(g + c) + (v_load(u->b + c) * v_load(z + c) + v_load(u->c + c)), channels - c);
    } else {
      for (int c = 0; c < channels; c += CK_WIDTH) v_store_n(out + c, v_load(g + c), channels - c);
    }
    if (pitch > channels) memset(out + channels, 0, (size_t)(pitch - channels) * sizeof(float));
  }
}

// Pivot, sum(z - pivot) and sum((z - pivot)^2) of a block of stored rows, added to the chunk's slot; the chunk's first row is
// the pivot, which keeps the variance exact whatever the mean is.
static void ck_gather_statistics(const ck_output *o, int64_t chunk, int first, const float *rows_begin, int64_t stride, int rows) {
  const int64_t pitch = o->partial_pitch;
  float *pivot = o->partials + chunk * 3 * pitch, *sums = pivot + pitch, *squares = sums + pitch;
  if (first) {
    memcpy(pivot, rows_begin, (size_t)o->channels * sizeof(float));
    memset(sums, 0, (size_t)pitch * sizeof(float));
    memset(squares, 0, (size_t)pitch * sizeof(float));
  }
  int c = 0;
  for (; c + 4 * CK_WIDTH <= o->channels; c += 4 * CK_WIDTH) {
    vf p[4], s[4] = {{0}}, q[4] = {{0}};
    for (int j = 0; j < 4; j++) p[j] = v_load(pivot + c + j * CK_WIDTH);
    for (int r = 0; r < rows; r++)
      for (int j = 0; j < 4; j++) {
        const vf d = v_load(rows_begin + r * stride + c + j * CK_WIDTH) - p[j];
        s[j] += d;
        q[j] += d * d;
      }
    for (int j = 0; j < 4; j++) {
      v_store(sums + c + j * CK_WIDTH, v_load(sums + c + j * CK_WIDTH) + s[j]);
      v_store(squares + c + j * CK_WIDTH, v_load(squares + c + j * CK_WIDTH) + q[j]);
    }
  }
  for (; c < o->channels; c += CK_WIDTH) {
    const vf p = v_load(pivot + c);
    vf s = {0}, q = {0};
    for (int r = 0; r < rows; r++) {
      const vf d = v_load(rows_begin + r * stride + c) - p;
      s += d;
      q += d * d;
    }
    v_store_n(sums + c, v_load(sums + c) + s, o->channels - c);
    v_store_n(squares + c, v_load(squares + c) + q, o->channels - c);
  }
}

// product rows [rows][pitch] -> activation(product + bias) + residual, stored; statistics of what is stored.
INLINE void ck_store_rows_with(const ck_output *o, const int activation, const int stream, int64_t row0, int rows, const float *product,
                               int64_t pitch) {
  for (int r = 0; r < rows; r++) {
    const float *p = product + r * pitch;
    float *out = o->data + (row0 + r) * o->channels;
    const float *residual = o->residual ? o->residual + (row0 + r) * o->channels : 0;
    for (int c = 0; c < o->channels; c += CK_WIDTH) {
      vf v = v_load(p + c);
      if (o->bias) v += v_load(o->bias + c);
      v = v_activate(v, activation);
      if (residual) v += v_load(residual + c);
      if (stream) v_stream(out + c, v);
      else v_store_n(out + c, v, o->channels - c);
    }
  }
}

// `first` tells the chunk's first rows: they start the statistics.
static void ck_store_rows(const ck_output *o, int64_t chunk, int first, int64_t row0, int rows, const float *product, int64_t pitch) {
  const int plain = o->activation == CK_LINEAR && !o->bias && !o->residual;
  if (o->stream && (plain || !o->partials)) {
    switch (o->activation) {
    case CK_SILU: ck_store_rows_with(o, CK_SILU, 1, row0, rows, product, pitch); break;
    case CK_RELU6: ck_store_rows_with(o, CK_RELU6, 1, row0, rows, product, pitch); break;
    default: ck_store_rows_with(o, CK_LINEAR, 1, row0, rows, product, pitch); break;
    }
  } else {
    switch (o->activation) {
    case CK_SILU: ck_store_rows_with(o, CK_SILU, 0, row0, rows, product, pitch); break;
    case CK_RELU6: ck_store_rows_with(o, CK_RELU6, 0, row0, rows, product, pitch); break;
    default: ck_store_rows_with(o, CK_LINEAR, 0, row0, rows, product, pitch); break;
    }
  }
  if (!o->partials) return;
  if (plain) ck_gather_statistics(o, chunk, first, product, pitch, rows);
  else ck_gather_statistics(o, chunk, first, o->data + row0 * o->channels, o->channels, rows);
}

// The chunk's slots of a sink start at zero; to be called before its first rows.
static void ck_sink_begin(const ck_sink *k, int64_t chunk) {
  for (int i = 0; i < k->count; i++) {
    const ck_sink_segment *g = &k->segments[i];
    if (g->partials && g->complete) memset(g->partials + chunk * 2 * g->partial_pitch, 0, (size_t)(2 * g->partial_pitch) * sizeof(float));
  }
  if (k->norm_partials) memset(k->norm_partials + chunk * 2 * k->norm_pitch, 0, (size_t)(2 * k->norm_pitch) * sizeof(float));
}

// `slope`: the activation's, where it is known already.
INLINE vf ck_sink_one(const ck_sink_segment *g, const int activation, int64_t row, int c, vf v, const float *slope) {
  float *out = g->gradient + row * g->channels + c;
  if (g->accumulate) v += v_load(out);
  if (g->complete && slope) {
    v *= v_load(slope);
  } else if (g->complete && activation != CK_LINEAR) {
    vf x = v_load(g->term.data + row * g->term.stride + c);
    if (g->term.scale) x = x * v_load(g->term.scale + c) + v_load(g->term.shift + c);
    v *= v_slope(x, activation);
  }
  if (g->stream) v_stream(out, v);
  else v_store_n(out, v, g->channels - c);
  return v;
}

INLINE void ck_sink_segment_rows(const ck_sink_segment *g, const int activation, int64_t chunk, int64_t row0, int rows, const float *dx,
                                 const float *slopes, int64_t pitch) {
  const int channels = g->channels;
  float *sums = g->partials && g->complete ? g->partials + chunk * 2 * g->partial_pitch : 0, *products = sums ? sums + g->partial_pitch : 0;
  if (!sums) {
    for (int r = 0; r < rows; r++)
      for (int c = 0; c < channels; c += CK_WIDTH) ck_sink_one(g, activation, row0 + r, c, v_load(dx + r * pitch + c), slopes ? slopes + r * pitch + c : 0);
    return;
  }
  int c = 0;
  for (; c + 2 * CK_WIDTH <= channels; c += 2 * CK_WIDTH) {
    vf s[2] = {{0}}, q[2] = {{0}}, centre[2];
    for (int j = 0; j < 2; j++) centre[j] = v_load(g->centre + c + j * CK_WIDTH);
    for (int r = 0; r < rows; r++)
      for (int j = 0; j < 2; j++) {
        const int at = c + j * CK_WIDTH;
        const vf v = ck_sink_one(g, activation, row0 + r, at, v_load(dx + r * pitch + at), slopes ? slopes + r * pitch + at : 0);
        s[j] += v;
        q[j] += v * (v_load(g->term.data + (row0 + r) * g->term.stride + at) - centre[j]);
      }
    for (int j = 0; j < 2; j++) {
      const int at = c + j * CK_WIDTH;
      v_store(sums + at, v_load(sums + at) + s[j]);
      v_store(products + at, v_load(products + at) + q[j]);
    }
  }
  for (; c < channels; c += CK_WIDTH) {
    vf s = {0}, q = {0};
    const vf centre = v_load(g->centre + c);
    for (int r = 0; r < rows; r++) {
      const vf v = ck_sink_one(g, activation, row0 + r, c, v_load(dx + r * pitch + c), slopes ? slopes + r * pitch + c : 0);
      s += v;
      q += v * (v_load(g->term.data + (row0 + r) * g->term.stride + c) - centre);
    }
    v_store_n(sums + c, v_load(sums + c) + s, channels - c);
    v_store_n(products + c, v_load(products + c) + q, channels - c);
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
    if (g->gradient) {
      switch (g->complete ? g->term.activation : CK_LINEAR) {
      case CK_SILU:
        if (slopes) ck_sink_segment_rows(g, CK_SILU, chunk, row0, rows, dx + at, slopes + at, pitch);
        else ck_sink_segment_rows(g, CK_SILU, chunk, row0, rows, dx + at, 0, pitch);
        break;
      case CK_RELU6: ck_sink_segment_rows(g, CK_RELU6, chunk, row0, rows, dx + at, 0, pitch); break;
      default: ck_sink_segment_rows(g, CK_LINEAR, chunk, row0, rows, dx + at, 0, pitch); break;
      }
    }
    at += g->channels;
  }
}
