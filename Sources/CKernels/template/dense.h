// Dense 3x3 convolutions as implicit products: a band of rows is loaded, normalised and padded with zeros in cache; the
// three columns of a kernel row are then one contiguous run of 3 * channels values, so that a tile walks three lines. Only the
// weight gradient with stride 2 has the nine taps laid side by side.

INLINE void ck_band(const ck_bands *b, int64_t unit, int *image, int *begin, int *end) {
  *image = (int)(unit / b->bands_per_image);
  *begin = (int)(unit % b->bands_per_image) * b->rows_per_band;
  *end = (int)ck_smaller(*begin + b->rows_per_band, b->output_height);
}
INLINE int64_t ck_units(const ck_bands *b) { return (int64_t)b->images * b->bands_per_image; }

// Source rows y0 ..< y1 of an image, padded with a zero column at either side; rows outside the image are zero.
static void ck_load_padded(const ck_source *s, int image, int height, int width, int y0, int y1, float *dst) {
  const int64_t channels = s->channels, line = (width + 2) * channels;
  for (int y = y0; y < y1; y++, dst += line) {
    if (y < 0 || y >= height) {
      memset(dst, 0, (size_t)line * sizeof(float));
      continue;
    }
    memset(dst, 0, (size_t)channels * sizeof(float));
    memset(dst + line - channels, 0, (size_t)channels * sizeof(float));
    ck_load_rows(s, ((int64_t)image * height + y) * width, width, dst + channels, channels);
  }
}

static int64_t ck_dense_forward_scratch(const ck_dense_forward *p) {
  const ck_bands *b = &p->bands;
  const int64_t rows = (int64_t)(b->rows_per_band - 1) * b->stride + 3;
  return ck_padded(rows * (b->width + 2) * p->source.channels) + CK_PADDING;
}

static void ck_dense_forward_chunk(const ck_dense_forward *p, int64_t chunk, float *scratch) {
  const ck_bands *b = &p->bands;
  const int64_t channels = p->source.channels, line = (b->width + 2) * channels;
  const int64_t first = chunk * b->bands_per_chunk, last = ck_smaller(first + b->bands_per_chunk, ck_units(b));
  float *const x = scratch;
  for (int64_t unit = first; unit < last; unit++) {
    int image, begin, end;
    ck_band(b, unit, &image, &begin, &end);
    ck_load_padded(&p->source, image, b->height, b->width, begin * b->stride - 1, (end - 1) * b->stride + 2, x);
    for (int y = begin; y < end; y++) {
      const ck_finish finish = {.output = &p->output, .chunk = chunk, .row = ((int64_t)image * b->output_height + y) * b->output_width,
                                .first = unit == first && y == begin};
      ck_product_finished(x + (int64_t)(y - begin) * b->stride * line, b->stride * channels, line, 3, (int)(3 * channels), b->output_width,
                          p->packed, p->output.channels, &finish, 0);
    }
  }
}

// dz rows on the grid of the input: y0 ..< y1 of it, zero columns at either side. With stride 2 the grid has zeros between.
static void ck_load_upstream_padded(const ck_upstream *u, const ck_bands *b, int image, int y0, int y1, float *dst) {
  const int64_t channels = u->channels, line = (b->width + 2) * channels;
  for (int y = y0; y < y1; y++, dst += line) {
    memset(dst, 0, (size_t)line * sizeof(float));
    if (y < 0 || y % b->stride || y / b->stride >= b->output_height) continue;
    const int64_t row = ((int64_t)image * b->output_height + y / b->stride) * b->output_width;
    // Rows are `stride` pixels apart; ck_load_upstream zeroes up to its pitch, which is the gap.
    ck_load_upstream(u, row, b->output_width - 1, dst + channels, b->stride * channels);
    ck_load_upstream(u, row + b->output_width - 1, 1, dst + channels + (int64_t)(b->output_width - 1) * b->stride * channels, channels);
  }
}

// What output pixels of a line see, [width][pitch]: each the three lines of its window, one run after the other. Runs are copied
// in whole vectors, whose excess the next run overwrites; the last one's goes past the end.
static void ck_gather_windows(const float *x, int64_t line, int64_t step, int64_t run, int width, float *dst, int64_t pitch) {
  for (int o = 0; o < width; o++)
    for (int i = 0; i < 3; i++)
      for (int64_t c = 0; c < run; c += CK_WIDTH) v_store(dst + o * pitch + i * run + c, v_load(x + i * line + o * step + c));
}

// Stride 1 takes the weight gradient over the input's pixels, so that one padded copy of dz serves both gradients; larger
// strides take it over the output's pixels from a padded copy of the input.
INLINE int64_t ck_dense_source_size(const ck_dense_backward *p) {
  const ck_bands *b = &p->bands;
  const int64_t rows = b->stride == 1 ? b->rows_per_band : (int64_t)(b->rows_per_band - 1) * b->stride + 3;
  return ck_padded(rows * (b->width + 2) * p->source.channels) + CK_PADDING;
}

INLINE int64_t ck_dense_windows_size(const ck_dense_backward *p) {
  if (p->bands.stride == 1 || !p->weight_partials) return 0;
  return p->bands.output_width * ck_padded(9 * p->source.channels) + CK_PADDING;
}

static int64_t ck_dense_backward_scratch(const ck_dense_backward *p) {
  const ck_bands *b = &p->bands;
  const int64_t upstream_rows = (int64_t)b->rows_per_band * b->stride + 2;
  return ck_dense_source_size(p) + ck_padded(upstream_rows * (b->width + 2) * p->upstream.channels) + 3 * ck_padded(p->upstream.channels) +
         b->width * ck_padded(p->source.channels) + b->output_width * ck_padded(p->upstream.channels) +
         ck_dense_windows_size(p) + CK_PADDING;
}

static void ck_dense_backward_chunk(const ck_dense_backward *p, int64_t chunk, float *scratch) {
  const ck_bands *b = &p->bands;
  const int64_t channels = p->source.channels, upstream_channels = p->upstream.channels;
  const int64_t line = (b->width + 2) * channels, upstream_line = (b->width + 2) * upstream_channels;
  const int64_t pitch = ck_padded(channels), upstream_pitch = ck_padded(upstream_channels);
  const int64_t first = chunk * b->bands_per_chunk, last = ck_smaller(first + b->bands_per_chunk, ck_units(b));
  float *const dx = scratch, *const dz = dx + b->width * pitch, *const x = dz + b->output_width * upstream_pitch;
  const int64_t window_pitch = ck_padded(9 * channels);
  float *const windows = x + ck_dense_source_size(p), *const grid = windows + ck_dense_windows_size(p);
  float *const weights = p->weight_partials ? p->weight_partials + chunk * p->weight_pitch : 0;
  if (p->sink.count) ck_sink_begin(&p->sink, chunk);
  for (int64_t unit = first; unit < last; unit++) {
    int image, begin, end;
    ck_band(b, unit, &image, &begin, &end);
    const int y0 = begin * b->stride, y1 = (int)ck_smaller((int64_t)end * b->stride, b->height);
    if (b->stride == 1 || p->sink.count) {
      ck_load_upstream_padded(&p->upstream, b, image, y0 - 1, y1 + 1, grid);
      // The long weight product below runs two pixels past the grid's last line.
      memset(grid + (y1 - y0 + 2) * upstream_line, 0, (size_t)(3 * upstream_channels) * sizeof(float));
    }
    if (weights && b->stride == 1) {
      for (int y = y0; y < y1; y++) {
        float *row = x + (y - y0) * line;
        ck_load_rows(&p->source, ((int64_t)image * b->height + y) * b->width, b->width, row, channels);
        memset(row + b->width * channels, 0, (size_t)(2 * channels) * sizeof(float));
      }
      // dz's line i, column j around an input pixel meet the kernel's row 2 - i, column 2 - j.
      for (int i = 0; i < 3; i++)
        ck_product_outer(x, channels, (int)channels, grid + i * upstream_line, upstream_channels, (int)(3 * upstream_channels),
                         (y1 - y0) * (b->width + 2), weights + i * channels * 3 * upstream_channels, 3 * upstream_channels, unit != first, 0);
    } else if (weights) {
      ck_load_padded(&p->source, image, b->height, b->width, begin * b->stride - 1, (end - 1) * b->stride + 2, x);
      for (int y = begin; y < end; y++) {
        const int64_t row = ((int64_t)image * b->output_height + y) * b->output_width;
        ck_load_upstream(&p->upstream, row, b->output_width, dz, upstream_pitch);
        ck_gather_windows(x + (int64_t)(y - begin) * b->stride * line, line, b->stride * channels, 3 * channels, b->output_width, windows,
                          window_pitch);
        ck_ahead ahead = {0};
        if (y + 1 < end) ck_ahead_upstream(&ahead, &p->upstream, row + b->output_width, b->output_width);
        ck_ahead_spread(&ahead, ck_product_tiles((int)upstream_channels, (int)(9 * channels)));
        ck_product_outer(dz, upstream_pitch, (int)upstream_channels, windows, window_pitch, (int)(9 * channels), b->output_width, weights,
                         9 * channels, unit != first || y != begin, &ahead);
      }
    }
    if (!p->sink.count) continue;
    for (int y = y0; y < y1; y++) {
      ck_product_rows(grid + (y - y0) * upstream_line, upstream_channels, upstream_line, 3, (int)(3 * upstream_channels), b->width, p->packed,
                      (int)channels, dx, pitch, 0, 0);
      ck_sink_rows(&p->sink, chunk, ((int64_t)image * b->height + y) * b->width, b->width, dx, 0, pitch);
    }
  }
}
