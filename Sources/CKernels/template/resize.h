// Bilinear resize with half-pixel centres, row by row: an output row is a mixture of two source rows.

// Where an output coordinate falls on an axis: between input `low` and `high`, at `share` of the way. As PyTorch's
// interpolate(mode="bilinear", align_corners=False): coordinates before the first centre are clamped to it.
typedef struct {
  int low, high;
  float share;
} ck_resize_point;

INLINE ck_resize_point ck_resize_at(int output, int size, int output_size) {
  if (size == output_size) return (ck_resize_point){output, output, 0.0f};
  float place = ((float)output + 0.5f) * ((float)size / (float)output_size) - 0.5f;
  if (place < 0) place = 0;
  int low = (int)place;
  if (low > size - 1) low = size - 1;
  float share = place - (float)low;
  if (share > 1) share = 1;
  return (ck_resize_point){low, low + (low < size - 1), share};
}

static int64_t ck_resize_scratch_size(const ck_resize *p) { return 2 * (int64_t)p->width * ck_padded(p->source.channels); }

static void ck_resize_forward_chunk(const ck_resize *p, int64_t chunk, float *scratch) {
  const int channels = p->source.channels;
  const int64_t pitch = ck_padded(channels), line = p->width * pitch;
  const int64_t begin = chunk * p->images_per_chunk, end = ck_smaller(begin + p->images_per_chunk, p->images);
  int stores = 0; // a residual sum on the way must be stored for every row, also for rows that the output passes over
  for (int i = 0; i < p->source.count; i++) stores |= p->source.segments[i].sum != 0;
  for (int64_t image = begin; image < end; image++) {
    int next = 0; // the first source row that was not loaded yet; row y stands in half y % 2 of the scratch
    for (int y = 0; y < p->output_height; y++) {
      const ck_resize_point v = ck_resize_at(y, p->height, p->output_height);
      if (!stores && next < v.low) next = v.low;
      for (; next <= v.high; next++)
        ck_load_rows(&p->source, (image * p->height + next) * p->width, p->width, scratch + next % 2 * line, pitch);
      const float *const low = scratch + v.low % 2 * line, *const high = scratch + v.high % 2 * line;
      float *out = p->output + (image * p->output_height + y) * p->output_width * channels;
      for (int x = 0; x < p->output_width; x++, out += channels) {
        const ck_resize_point h = ck_resize_at(x, p->width, p->output_width);
        const int64_t left = h.low * pitch, right = h.high * pitch;
        for (int c = 0; c < channels; c += CK_WIDTH) {
          const vf top = (1 - h.share) * v_load(low + left + c) + h.share * v_load(low + right + c);
          const vf bottom = (1 - h.share) * v_load(high + left + c) + h.share * v_load(high + right + c);
          v_store_n(out + c, (1 - v.share) * top + v.share * bottom, channels - c);
        }
      }
    }
    for (; stores && next < p->height; next++)
      ck_load_rows(&p->source, (image * p->height + next) * p->width, p->width, scratch + next % 2 * line, pitch);
  }
}

// Each input row gathers from the output rows that it had a share in, top to bottom.
static void ck_resize_backward_chunk(const ck_resize *p, int64_t chunk, float *scratch) {
  const int channels = p->sink.channels;
  const int64_t pitch = ck_padded(channels), line = p->width * pitch;
  const int64_t begin = chunk * p->images_per_chunk, end = ck_smaller(begin + p->images_per_chunk, p->images);
  ck_sink_begin(&p->sink, chunk);
  for (int64_t image = begin; image < end; image++) {
    int first = 0; // the first output row with a share in this input row or a later one
    for (int row = 0; row < p->height; row++) {
      memset(scratch, 0, (size_t)line * sizeof(float));
      while (first < p->output_height && ck_resize_at(first, p->height, p->output_height).high < row) first++;
      for (int y = first; y < p->output_height; y++) {
        const ck_resize_point v = ck_resize_at(y, p->height, p->output_height);
        if (v.low > row) break;
        const float weight = (v.low == row ? 1 - v.share : 0) + (v.high == row ? v.share : 0);
        const float *gradient = p->output_gradient + (image * p->output_height + y) * p->output_width * channels;
        for (int x = 0; x < p->output_width; x++, gradient += channels) {
          const ck_resize_point h = ck_resize_at(x, p->width, p->output_width);
          float *left = scratch + h.low * pitch, *right = scratch + h.high * pitch;
          for (int c = 0; c < channels; c += CK_WIDTH) {
            const vf g = weight * v_keep_n(v_load(gradient + c), channels - c);
            v_store(left + c, v_load(left + c) + (1 - h.share) * g);
            v_store(right + c, v_load(right + c) + h.share * g);
          }
        }
      }
      ck_sink_rows(&p->sink, chunk, (image * p->height + row) * p->width, p->width, scratch, 0, pitch);
    }
  }
}
