// The tutorial's reshape: within an image the matrix [height][width*channels] becomes [width*channels][height]. A block of
// lines is loaded and leaves as short runs, so that neither side is walked one element a cache line.

enum { CK_TRANSPOSE_LINES = 16 };

static int64_t ck_transpose_scratch_size(const ck_transpose *p) {
  return CK_TRANSPOSE_LINES * (int64_t)p->width * p->source.channels + CK_PADDING;
}

static void ck_transpose_forward_chunk(const ck_transpose *p, int64_t chunk, float *scratch) {
  const int64_t channels = p->source.channels, line = p->width * channels;
  const int64_t begin = chunk * p->images_per_chunk, end = ck_smaller(begin + p->images_per_chunk, p->images);
  for (int64_t image = begin; image < end; image++) {
    float *const out = p->output + image * p->height * line;
    for (int y = 0; y < p->height; y += CK_TRANSPOSE_LINES) {
      const int lines = (int)ck_smaller(CK_TRANSPOSE_LINES, p->height - y);
      ck_load_rows(&p->source, (image * p->height + y) * p->width, lines * p->width, scratch, channels);
      for (int64_t j = 0; j < line; j++)
        for (int i = 0; i < lines; i++) out[j * p->height + y + i] = scratch[i * line + j];
    }
  }
}

static void ck_transpose_backward_chunk(const ck_transpose *p, int64_t chunk, float *scratch) {
  const int64_t channels = p->sink.channels, line = p->width * channels;
  const int64_t begin = chunk * p->images_per_chunk, end = ck_smaller(begin + p->images_per_chunk, p->images);
  ck_sink_begin(&p->sink, chunk);
  for (int64_t image = begin; image < end; image++) {
    const float *const gradient = p->output_gradient + image * p->height * line;
    for (int y = 0; y < p->height; y += CK_TRANSPOSE_LINES) {
      const int lines = (int)ck_smaller(CK_TRANSPOSE_LINES, p->height - y);
      for (int64_t j = 0; j < line; j++)
        for (int i = 0; i < lines; i++) scratch[i * line + j] = gradient[j * p->height + y + i];
      ck_sink_rows(&p->sink, chunk, (image * p->height + y) * p->width, lines * p->width, scratch, 0, channels);
    }
  }
}
