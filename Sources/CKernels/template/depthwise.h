// Depthwise 3x3 convolutions, vectorised over channels; three padded rows of the input (or of dz) stay in a ring.

// Weights [channels][3][3] -> [9][padded channels], times a folded scale.
static void ck_pack_depthwise_weights(const float *weights, const float *scale, int32_t channels, float *packed) {
  const int64_t pitch = ck_padded(channels);
  for (int t = 0; t < 9; t++)
    for (int c = 0; c < pitch; c++) packed[t * pitch + c] = c < channels ? weights[c * 9 + t] * (scale ? scale[c] : 1.0f) : 0.0f;
}

// Three rows of (width + 2) pixels and one of zeros.
typedef struct {
  float *rows[3], *zero;
  int64_t pitch, line;
  int width, height;
  int64_t next; // the first row of the image that was not loaded yet
} ck_ring;

// The rows' pixels are zeroed by whoever loads them; here only what no load reaches.
static ck_ring ck_ring_make(float *memory, int width, int height, int64_t pitch) {
  ck_ring ring = {.pitch = pitch, .line = (width + 2) * pitch, .width = width, .height = height};
  for (int i = 0; i < 3; i++) {
    ring.rows[i] = memory + i * ring.line;
    memset(ring.rows[i], 0, (size_t)pitch * sizeof(float));
    memset(ring.rows[i] + (width + 1) * pitch, 0, (size_t)pitch * sizeof(float));
  }
  ring.zero = memory + 3 * ring.line;
  memset(ring.zero, 0, (size_t)ring.line * sizeof(float));
  return ring;
}
// The padded row y, zero outside the image; it must have been loaded.
INLINE const float *ck_ring_row(const ck_ring *ring, int64_t y) { return y < 0 || y >= ring->height ? ring->zero : ring->rows[y % 3]; }

static int64_t ck_depthwise_forward_scratch(const ck_depthwise_forward *p) {
  return (4 * (int64_t)(p->bands.width + 2) + p->bands.output_width) * ck_padded(p->source.channels);
}

// The share of the next row's lines that are asked for while a row is loaded; the arithmetic that follows asks for the rest.
// SiLU makes loading the longer part, which would otherwise leave memory idle. Anything from 0.75 to 1, and from 0.25 to 0.5
// without SiLU, measured alike.
INLINE float ck_loading_share(const ck_source *s) { return s->segments[0].term.activation == CK_SILU ? 0.9f : 0.4f; }

// Pixels between two calls of ck_ahead_some, and the calls that a row of `width` pixels makes.
enum { CK_DEPTHWISE_RUN = 8 };
INLINE int64_t ck_depthwise_vectors(int channels) { return (channels + CK_WIDTH - 1) / CK_WIDTH; }
INLINE int64_t ck_depthwise_calls(int width, int channels) {
  return (int64_t)((width + CK_DEPTHWISE_RUN - 1) / CK_DEPTHWISE_RUN) * ck_depthwise_vectors(channels);
}

INLINE void ck_depthwise_row(const ck_depthwise_forward *p, const int stride, const float *r0, const float *r1, const float *r2, int64_t pitch,
                             float *z, ck_ahead *ahead) {
  const float *rows[3] = {r0, r1, r2};
  for (int c = 0; c < p->source.channels; c += CK_WIDTH) {
    vf w[9], window[3][3];
    for (int t = 0; t < 9; t++) w[t] = v_load(p->packed + t * pitch + c);
    for (int i = 0; i < 3; i++)
      for (int j = 0; j < 3 - stride; j++) window[i][j + stride] = v_load(rows[i] + j * pitch + c);
    for (int x = 0; x < p->bands.output_width; x++) {
      if (x % CK_DEPTHWISE_RUN == 0) ck_ahead_some(ahead);
      vf sum[3];
#pragma clang loop unroll(full)
      for (int i = 0; i < 3; i++) {
#pragma clang loop unroll(full)
        for (int j = 0; j < 3; j++)
          window[i][j] = j < 3 - stride ? window[i][j + stride] : v_load(rows[i] + (int64_t)(x * stride + j) * pitch + c);
        sum[i] = w[3 * i] * window[i][0] + w[3 * i + 1] * window[i][1] + w[3 * i + 2] * window[i][2];
      }
      v_store(z + x * pitch + c, sum[0] + sum[1] + sum[2]);
    }
  }
}

static void ck_depthwise_forward_chunk(const ck_depthwise_forward *p, int64_t chunk, float *scratch) {
  const ck_bands *b = &p->bands;
  const int64_t pitch = ck_padded(p->source.channels), vectors = ck_depthwise_vectors(p->source.channels);
  const int64_t first = chunk * b->bands_per_chunk, last = ck_smaller(first + b->bands_per_chunk, ck_units(b));
  float *const z = scratch + 4 * (b->width + 2) * pitch;
  for (int64_t unit = first; unit < last; unit++) {
    int image, begin, end;
    ck_band(b, unit, &image, &begin, &end);
    ck_ring ring = ck_ring_make(scratch, b->width, b->height, pitch);
    ring.next = begin * b->stride > 0 ? begin * b->stride - 1 : 0;
    for (int y = begin; y < end; y++) {
      const int64_t centre = (int64_t)y * b->stride;
      const int64_t row = ((int64_t)image * b->output_height + y) * b->output_width, until = ck_smaller(centre + 2, b->height);
      // The rows that the next output row will load, and where this one goes.
      ck_ahead ahead = {0};
      const int64_t next = ck_smaller(centre + b->stride + 2, b->height);
      if (y + 1 < end) ck_ahead_source(&ahead, &p->source, ((int64_t)image * b->height + until) * b->width, (next - until) * b->width);
      ck_ahead_run run = ck_ahead_share(&ahead, (until - ring.next) * b->width * vectors, ck_loading_share(&p->source));
      ck_ahead_output(&ahead, &p->output, row, b->output_width);
      ck_ahead_spread(&ahead, ck_depthwise_calls(b->output_width, p->source.channels));
      for (; ring.next < until; ring.next++)
        ck_load_rows_and_slopes(&p->source, ((int64_t)image * b->height + ring.next) * b->width, b->width, ring.rows[ring.next % 3] + pitch, 0, pitch,
                                &run);
      const float *r0 = ck_ring_row(&ring, centre - 1), *r1 = ck_ring_row(&ring, centre), *r2 = ck_ring_row(&ring, centre + 1);
      if (b->stride == 1) ck_depthwise_row(p, 1, r0, r1, r2, pitch, z, &ahead);
      else ck_depthwise_row(p, 2, r0, r1, r2, pitch, z, &ahead);
      ck_store_rows(&p->output, chunk, unit == first && y == begin, row, b->output_width, z, pitch);
    }
  }
}

static int64_t ck_depthwise_backward_scratch(const ck_depthwise_backward *p) {
  return (4 * (int64_t)(p->bands.output_width + 2) + 3 * p->bands.width + 9) * ck_padded(p->source.channels);
}

// One input row, stride 1: dz's row i, column j around a pixel meet the kernel's row 2 - i, column 2 - j, for both gradients,
// so that the nine loads of dz are shared.
INLINE void ck_depthwise_back_row1(const ck_depthwise_backward *p, const float *const dz[3], const float *x, float *dx, float *dw, int64_t pitch,
                                   ck_ahead *ahead) {
  for (int c = 0; c < p->source.channels; c += CK_WIDTH) {
    vf w[9], sum[9], window[3][3];
    for (int t = 0; t < 9; t++) {
      w[t] = v_load(p->packed + (8 - t) * pitch + c);
      sum[t] = v_load(dw + (8 - t) * pitch + c);
    }
    for (int i = 0; i < 3; i++)
      for (int j = 0; j < 2; j++) window[i][j + 1] = v_load(dz[i] + j * pitch + c);
    for (int k = 0; k < p->bands.width; k++) {
      if (k % CK_DEPTHWISE_RUN == 0) ck_ahead_some(ahead);
      const vf value = v_load(x + k * pitch + c);
      vf d[3];
#pragma clang loop unroll(full)
      for (int i = 0; i < 3; i++) {
        window[i][0] = window[i][1];
        window[i][1] = window[i][2];
        window[i][2] = v_load(dz[i] + (k + 2) * pitch + c);
        d[i] = w[3 * i] * window[i][0] + w[3 * i + 1] * window[i][1] + w[3 * i + 2] * window[i][2];
#pragma clang loop unroll(full)
        for (int j = 0; j < 3; j++) sum[3 * i + j] += value * window[i][j];
      }
      v_store(dx + k * pitch + c, d[0] + d[1] + d[2]);
    }
    for (int t = 0; t < 9; t++) v_store(dw + (8 - t) * pitch + c, sum[t]);
  }
}

// One input row's meeting with one row of dz through kernel row ky, stride 2. An even column x meets column x / 2 through the
// kernel's middle; an odd one its two neighbours. dz is padded: column x / 2 stands at x / 2 + 1.
INLINE void ck_depthwise_back_row2(const ck_depthwise_backward *p, int ky, const float *dz, const float *x, float *dx, float *dw, int64_t pitch,
                                   const int accumulate, ck_ahead *ahead) {
  const int width = p->bands.width;
  for (int c = 0; c < p->source.channels; c += CK_WIDTH) {
    const float *const weights = p->packed + 3 * ky * pitch + c;
    float *const gradient = dw + 3 * ky * pitch + c;
    const vf w0 = v_load(weights), w1 = v_load(weights + pitch), w2 = v_load(weights + 2 * pitch);
    vf s0 = v_load(gradient), s1 = v_load(gradient + pitch), s2 = v_load(gradient + 2 * pitch);
    vf left = v_load(dz + pitch + c);
    for (int k = 0; k < width; k += 2) {
      if (k % CK_DEPTHWISE_RUN == 0) ck_ahead_some(ahead);
      const vf right = v_load(dz + (k / 2 + 2) * pitch + c);
      float *out = dx + k * pitch + c;
      const vf even = v_load(x + k * pitch + c);
      s1 += even * left;
      v_store(out, accumulate ? v_load(out) + w1 * left : w1 * left);
      if (k + 1 < width) {
        const vf odd = v_load(x + (k + 1) * pitch + c);
        s2 += odd * left;
        s0 += odd * right;
        const vf d = w2 * left + w0 * right;
        v_store(out + pitch, accumulate ? v_load(out + pitch) + d : d);
      }
      left = right;
    }
    v_store(gradient, s0);
    v_store(gradient + pitch, s1);
    v_store(gradient + 2 * pitch, s2);
  }
}

static void ck_depthwise_backward_chunk(const ck_depthwise_backward *p, int64_t chunk, float *scratch) {
  const ck_bands *b = &p->bands;
  const int64_t pitch = ck_padded(p->source.channels), vectors = ck_depthwise_vectors(p->source.channels);
  const int64_t first = chunk * b->bands_per_chunk, last = ck_smaller(first + b->bands_per_chunk, ck_units(b));
  float *const x = scratch + 4 * (b->output_width + 2) * pitch, *const dx = x + b->width * pitch, *const slopes = dx + b->width * pitch;
  // The sums come along with the data gradient; nobody reads them where they are not wanted.
  float *const dw = p->weight_partials ? p->weight_partials + chunk * p->weight_pitch : slopes + b->width * pitch;
  memset(dw, 0, (size_t)(9 * pitch) * sizeof(float));
  if (p->sink.count) ck_sink_begin(&p->sink, chunk);
  for (int64_t unit = first; unit < last; unit++) {
    int image, begin, end;
    ck_band(b, unit, &image, &begin, &end);
    const int y0 = begin * b->stride, y1 = (int)ck_smaller((int64_t)end * b->stride, b->height);
    ck_ring ring = ck_ring_make(scratch, b->output_width, b->output_height, pitch);
    ring.next = b->stride == 1 && begin > 0 ? begin - 1 : begin;
    for (int y = y0; y < y1; y++) {
      const int64_t row = ((int64_t)image * b->height + y) * b->width;
      const int64_t needed = b->stride == 1 ? y + 1 : (y + 1) / 2;
      for (; ring.next <= needed && ring.next < b->output_height; ring.next++)
        ck_load_upstream(&p->upstream, ((int64_t)image * b->output_height + ring.next) * b->output_width, b->output_width,
                         ring.rows[ring.next % 3] + pitch, pitch);
      // The rows that the next input row will load, and where this one's gradient goes.
      ck_ahead ahead = {0};
      if (y + 1 < y1) ck_ahead_source(&ahead, &p->source, row + b->width, b->width);
      ck_ahead_run run = ck_ahead_share(&ahead, b->width * vectors, ck_loading_share(&p->source));
      const int64_t wanted = b->stride == 1 ? y + 2 : (y + 2) / 2;
      if (y + 1 < y1 && ring.next <= wanted && ring.next < b->output_height)
        ck_ahead_upstream(&ahead, &p->upstream, ((int64_t)image * b->output_height + ring.next) * b->output_width, b->output_width);
      if (p->sink.count) ck_ahead_sink(&ahead, &p->sink, row, b->width);
      ck_ahead_spread(&ahead, ck_depthwise_calls(b->width, p->source.channels));
      ck_load_rows_and_slopes(&p->source, row, b->width, x, slopes, pitch, &run);
      if (b->stride == 1) {
        const float *const dz[3] = {ck_ring_row(&ring, y - 1), ck_ring_row(&ring, y), ck_ring_row(&ring, y + 1)};
        ck_depthwise_back_row1(p, dz, x, dx, dw, pitch, &ahead);
      } else if (y % 2 == 0) {
        ck_depthwise_back_row2(p, 1, ck_ring_row(&ring, y / 2), x, dx, dw, pitch, 0, &ahead);
      } else {
        ck_depthwise_back_row2(p, 2, ck_ring_row(&ring, y / 2), x, dx, dw, pitch, 0, &ahead);
        ck_depthwise_back_row2(p, 0, ck_ring_row(&ring, y / 2 + 1), x, dx, dw, pitch, 1, 0);
      }
      if (p->sink.count) ck_sink_rows(&p->sink, chunk, row, b->width, dx, slopes, pitch);
    }
  }
}
