// 1x1 convolutions and linear layers, a block of rows at a time: load with the deferred normalisation, multiply, store.

static int64_t ck_pointwise_forward_scratch(const ck_pointwise_forward *p) {
  return (int64_t)p->rows.rows_per_block * ck_padded(p->source.channels);
}

static void ck_pointwise_forward_chunk(const ck_pointwise_forward *p, int64_t chunk, float *scratch) {
  const int64_t begin = chunk * p->rows.rows_per_chunk, end = ck_smaller(begin + p->rows.rows_per_chunk, p->rows.rows);
  const int64_t pitch = ck_padded(p->source.channels);
  float *const x = scratch;
  for (int64_t row = begin; row < end; row += p->rows.rows_per_block) {
    const int rows = (int)ck_smaller(p->rows.rows_per_block, end - row);
    const float *const plain = ck_plain_rows(&p->source, row);
    if (!plain) ck_load_rows(&p->source, row, rows, x, pitch);
    ck_ahead ahead = {0};
    const int64_t next = ck_smaller(p->rows.rows_per_block, end - row - rows);
    ck_ahead_output(&ahead, &p->output, row + rows, next);
    ck_ahead_source(&ahead, &p->source, row + rows, next);
    ck_ahead_spread(&ahead, ck_product_tiles(rows, p->output.channels));
    const ck_finish finish = {.output = &p->output, .chunk = chunk, .row = row, .first = row == begin};
    ck_product_finished(plain ? plain : x, plain ? p->source.segments[0].term.stride : pitch, 0, 1, p->source.channels, rows, p->packed,
                        p->output.channels, &finish, &ahead);
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
  // A layer norm wants whole rows of the gradient, two segments cut a tile in two, and a gradient that takes the place of the one
  // it comes from must not be written before all of that is read.
  const int direct = p->sink.count == 1 && !p->sink.norm_scale && p->sink.segments[0].gradient != p->upstream.gradient;
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
    ck_ahead_sink(&ahead, &p->sink, direct ? row + rows : row, direct ? next : rows);
    ck_ahead_upstream(&ahead, &p->upstream, row + rows, next);
    if (p->weight_partials) ck_ahead_source(&ahead, &p->source, row + rows, next);
    ck_ahead_spread(&ahead, (p->weight_partials ? ck_product_tiles(p->upstream.channels, p->source.channels) : 0) +
                                (p->sink.count ? ck_product_tiles(rows, p->source.channels) : 0));
    if (p->weight_partials) {
      const float *const plain = p->source.channels == pitch && p->source.segments[0].term.stride == pitch ? ck_plain_rows(&p->source, row) : 0;
      if (!plain) ck_load_rows_and_slopes(&p->source, row, rows, x, slopes, pitch, 0);
      ck_product_outer(dz, upstream_pitch, p->upstream.channels, plain ? plain : x, pitch, p->source.channels, rows,
                       p->weight_partials + chunk * p->weight_pitch, p->source.channels, row != begin, &ahead);
    }
    if (p->sink.count) {
      const float *const known = p->weight_partials ? slopes : 0;
      if (direct) {
        const ck_finish finish = {.sink = &p->sink.segments[0], .chunk = chunk, .row = row, .slopes = known, .slopes_pitch = pitch};
        ck_product_finished(dz, upstream_pitch, 0, 1, p->upstream.channels, rows, p->packed, p->source.channels, &finish, &ahead);
      } else {
        ck_product_rows(dz, upstream_pitch, 0, 1, p->upstream.channels, rows, p->packed, p->source.channels, dx, pitch, 0, &ahead);
        ck_sink_rows(&p->sink, chunk, row, rows, dx, known, pitch);
      }
    }
  }
}
