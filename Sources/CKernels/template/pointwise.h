// 1x1 convolutions and linear layers, a block of rows at a time: load with the deferred normalisation, multiply, store.

INLINE int64_t ck_smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t ck_pointwise_forward_scratch(const ck_pointwise_forward *p) {
  return (int64_t)p->rows.rows_per_block * (ck_padded(p->source.channels) + ck_padded(p->output.channels));
}

static void ck_pointwise_forward_chunk(const ck_pointwise_forward *p, int64_t chunk, float *scratch) {
  const int64_t begin = chunk * p->rows.rows_per_chunk, end = ck_smaller(begin + p->rows.rows_per_chunk, p->rows.rows);
  const int64_t pitch = ck_padded(p->source.channels), output_pitch = ck_padded(p->output.channels);
  float *const x = scratch, *const z = scratch + p->rows.rows_per_block * pitch;
  for (int64_t row = begin; row < end; row += p->rows.rows_per_block) {
    const int rows = (int)ck_smaller(p->rows.rows_per_block, end - row);
    const float *const plain = ck_plain_rows(&p->source, row);
    if (!plain) ck_load_rows(&p->source, row, rows, x, pitch);
    ck_ahead ahead = {0};
    ck_ahead_output(&ahead, &p->output, row, rows);
    ck_ahead_source(&ahead, &p->source, row + rows, ck_smaller(p->rows.rows_per_block, end - row - rows));
    ck_ahead_spread(&ahead, ck_product_tiles(rows, p->output.channels));
    ck_product_rows(plain ? plain : x, plain ? p->source.segments[0].term.stride : pitch, 0, 1, p->source.channels, rows, p->packed,
                    p->output.channels, z, output_pitch, 0, &ahead);
    ck_store_rows(&p->output, chunk, row == begin, row, rows, z, output_pitch);
  }
}

static int64_t ck_pointwise_backward_scratch(const ck_pointwise_backward *p) {
  return (int64_t)p->rows.rows_per_block * (3 * ck_padded(p->source.channels) + ck_padded(p->upstream.channels));
}

// dz is formed once a block and serves both gradients while it is in cache.
static void ck_pointwise_backward_chunk(const ck_pointwise_backward *p, int64_t chunk, float *scratch) {
  const int64_t begin = chunk * p->rows.rows_per_chunk, end = ck_smaller(begin + p->rows.rows_per_chunk, p->rows.rows);
  const int64_t pitch = ck_padded(p->source.channels), upstream_pitch = ck_padded(p->upstream.channels);
  float *const x = scratch, *const dx = x + p->rows.rows_per_block * pitch, *const slopes = dx + p->rows.rows_per_block * pitch;
  float *const formed = slopes + p->rows.rows_per_block * pitch;
  float *const bias = p->bias_partials ? p->bias_partials + chunk * p->bias_pitch : 0;
  if (bias) memset(bias, 0, (size_t)upstream_pitch * sizeof(float));
  if (p->sink.count) ck_sink_begin(&p->sink, chunk);
  for (int64_t row = begin; row < end; row += p->rows.rows_per_block) {
    const int rows = (int)ck_smaller(p->rows.rows_per_block, end - row);
    // Products want whole vectors a row; what is stored so needs no copy.
    const float *dz = p->upstream.gradient + row * upstream_pitch;
    if (p->upstream.raw || p->upstream.channels != upstream_pitch) {
      ck_load_upstream(&p->upstream, row, rows, formed, upstream_pitch);
      dz = formed;
    }
    if (bias)
      for (int c = 0; c < p->upstream.channels; c += CK_WIDTH) {
        vf sum = {0};
        for (int r = 0; r < rows; r++) sum += v_load(dz + r * upstream_pitch + c);
        v_store(bias + c, v_load(bias + c) + sum);
      }
    ck_ahead ahead = {0};
    const int64_t next = ck_smaller(p->rows.rows_per_block, end - row - rows);
    ck_ahead_sink(&ahead, &p->sink, row, rows);
    ck_ahead_upstream(&ahead, &p->upstream, row + rows, next);
    if (p->weight_partials) ck_ahead_source(&ahead, &p->source, row + rows, next);
    ck_ahead_spread(&ahead, (p->weight_partials ? ck_product_tiles(p->upstream.channels, p->source.channels) : 0) +
                                (p->sink.count ? ck_product_tiles(rows, p->source.channels) : 0));
    if (p->weight_partials) {
      const float *const plain = p->source.channels == pitch && p->source.segments[0].term.stride == pitch ? ck_plain_rows(&p->source, row) : 0;
      if (!plain) ck_load_rows_and_slopes(&p->source, row, rows, x, slopes, pitch);
      ck_product_outer(dz, upstream_pitch, p->upstream.channels, plain ? plain : x, pitch, p->source.channels, rows,
                       p->weight_partials + chunk * p->weight_pitch, p->source.channels, row != begin, &ahead);
    }
    if (p->sink.count) {
      ck_product_rows(dz, upstream_pitch, 0, 1, p->upstream.channels, rows, p->packed, p->source.channels, dx, pitch, 0, &ahead);
      ck_sink_rows(&p->sink, chunk, row, rows, dx, p->weight_partials ? slopes : 0, pitch);
    }
  }
}
