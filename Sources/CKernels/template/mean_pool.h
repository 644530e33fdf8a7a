// The mean over an image's pixels, then dropout by the hash of a counter.

// CounterRandom.bits of Sources/Tensors: SplitMix64's finaliser over key and counter.
INLINE uint64_t ck_random_bits(uint64_t key, uint64_t counter) {
  uint64_t z = key + (counter + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

// What dropout multiplies an element by.
INLINE float ck_dropout_factor(const ck_mean_pool *p, int64_t image, int64_t channels, int64_t channel) {
  const uint64_t element = (p->image_base + (uint64_t)image) * (uint64_t)channels + (uint64_t)channel;
  const float uniform = (float)(ck_random_bits(p->dropout_key, element) >> 40) * 0x1p-24f;
  return uniform < p->dropout ? 0.0f : 1.0f / (1.0f - p->dropout);
}

// Pixels that are summed before they join the total.
enum { CK_POOL_PIXELS = 32 };

static int64_t ck_mean_pool_scratch_size(const ck_mean_pool *p) { return (CK_POOL_PIXELS + 1) * ck_padded(p->source.channels); }

static void ck_mean_pool_forward_chunk(const ck_mean_pool *p, int64_t chunk, float *scratch) {
  const int channels = p->source.channels;
  const int64_t pitch = ck_padded(channels);
  const int64_t begin = chunk * p->images_per_chunk, end = ck_smaller(begin + p->images_per_chunk, p->images);
  float *const total = scratch, *const x = scratch + pitch;
  for (int64_t image = begin; image < end; image++) {
    float *out = p->output + image * channels;
    memset(total, 0, (size_t)pitch * sizeof(float));
    for (int pixel = 0; pixel < p->pixels; pixel += CK_POOL_PIXELS) {
      const int rows = (int)ck_smaller(CK_POOL_PIXELS, p->pixels - pixel);
      ck_load_rows(&p->source, image * p->pixels + pixel, rows, x, pitch);
      for (int c = 0; c < channels; c += CK_WIDTH) {
        vf sum = {0};
        for (int r = 0; r < rows; r++) sum += v_load(x + r * pitch + c);
        v_store(total + c, v_load(total + c) + sum);
      }
    }
    for (int c = 0; c < channels; c += CK_WIDTH) v_store_n(out + c, v_load(total + c) / (float)p->pixels, channels - c);
    if (p->dropout > 0)
      for (int c = 0; c < channels; c++) out[c] *= ck_dropout_factor(p, image, channels, c);
  }
}

static void ck_mean_pool_backward_chunk(const ck_mean_pool *p, int64_t chunk, float *scratch) {
  const int channels = p->sink.channels;
  const int64_t pitch = ck_padded(channels);
  const int64_t begin = chunk * p->images_per_chunk, end = ck_smaller(begin + p->images_per_chunk, p->images);
  float *const share = scratch, *const dx = scratch + pitch;
  ck_sink_begin(&p->sink, chunk);
  for (int64_t image = begin; image < end; image++) {
    const float *gradient = p->output_gradient + image * channels;
    memset(share, 0, (size_t)pitch * sizeof(float));
    for (int c = 0; c < channels; c++)
      share[c] = gradient[c] * (p->dropout > 0 ? ck_dropout_factor(p, image, channels, c) : 1.0f) / (float)p->pixels;
    for (int pixel = 0; pixel < p->pixels; pixel += CK_POOL_PIXELS) {
      const int rows = (int)ck_smaller(CK_POOL_PIXELS, p->pixels - pixel);
      for (int r = 0; r < rows; r++) memcpy(dx + r * pitch, share, (size_t)pitch * sizeof(float));
      ck_sink_rows(&p->sink, chunk, image * p->pixels + pixel, rows, dx, 0, pitch);
    }
  }
}
