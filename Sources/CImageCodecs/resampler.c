// Two passes with fixed-point weights and 8-bit values between them: rows are resized across, then blended down; or the
// other way round where the image loses more than twice as many rows as columns. Both the arithmetic (float box, double
// weights, 22 fractional bits, halves rounded up) and the rule for the order are Pillow 13's, so that bytes agree with it.
// Older Pillow always goes across first, which changes a value by one level at most.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "include/codec_resampler.h"

enum { fraction_bits = 32 - 8 - 2 };

// The baseline of x86-64 has no 32-bit vector product; whole numbers are the same however they are computed.
#if defined(__x86_64__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

typedef uint8_t bytes4 __attribute__((vector_size(4)));
typedef int32_t lanes4 __attribute__((vector_size(16)));

// The taps of one axis: output i is the weighted sum of count[i] inputs from first[i] on.
typedef struct axis {
  int32_t in_size, out_size;
  float start, end;
  bool identity;
  int32_t taps;     // most taps of any output; the stride of `weights`
  int32_t *first;   // [out_size]
  int32_t *count;   // [out_size]
  int32_t *weights; // [out_size, taps]
  size_t places, weight_places;
  double *exact;    // [taps]
  size_t exact_places;
} axis;

struct codec_resampler {
  axis across, down;
  bool down_first;
  size_t values;    // of a row between the passes: 3 times the source's width if down_first, else the output's
  uint8_t *ring;    // [down.taps, values]: the rows under the filter
  uint8_t *blended; // [values], if down_first
  int32_t *sums;    // [values]
  size_t ring_places, blended_places, sum_places;
  int32_t ring_next; // where the next row goes
  int32_t in_row, out_row;
  uint8_t *out;
};

static bool grow(void **block, size_t *places, size_t needed, size_t size) {
  if (*places >= needed) { return true; }
  void *larger = realloc(*block, needed * size);
  if (!larger) { return false; }
  *block = larger;
  *places = needed;
  return true;
}

static double triangle(double x) { return fabs(x) < 1 ? 1 - fabs(x) : 0; }

static bool has_places(axis *it, int32_t out_size, int32_t taps) {
  size_t first_places = it->places, count_places = it->places;
  bool fits = grow((void **)&it->first, &first_places, (size_t)out_size, sizeof(int32_t)) &&
              grow((void **)&it->count, &count_places, (size_t)out_size, sizeof(int32_t)) &&
              grow((void **)&it->weights, &it->weight_places, (size_t)out_size * (size_t)taps, sizeof(int32_t)) &&
              grow((void **)&it->exact, &it->exact_places, (size_t)taps, sizeof(double));
  if (fits) { it->places = first_places; }
  return fits;
}

static bool set_up(axis *it, int32_t in_size, float start, float end, int32_t out_size) {
  if (it->in_size == in_size && it->out_size == out_size && it->start == start && it->end == end) { return true; }
  it->in_size = 0; // no geometry, until all has succeeded
  double scale = (double)(end - start) / out_size;
  double stretch = scale < 1 ? 1 : scale;
  double support = stretch; // of a triangle of radius 1
  int32_t taps = (int32_t)ceil(support) * 2 + 1;
  if (!has_places(it, out_size, taps)) { return false; }
  double per_pixel = 1 / stretch;
  for (int32_t i = 0; i < out_size; i++) {
    double center = start + (i + 0.5) * scale;
    int32_t first = (int32_t)(center - support + 0.5);
    if (first < 0) { first = 0; }
    int32_t last = (int32_t)(center + support + 0.5);
    if (last > in_size) { last = in_size; }
    int32_t count = last - first;
    double total = 0;
    for (int32_t t = 0; t < count; t++) {
      it->exact[t] = triangle((t + first - center + 0.5) * per_pixel);
      total += it->exact[t];
    }
    int32_t *weights = it->weights + (size_t)i * (size_t)taps;
    for (int32_t t = 0; t < count; t++) {
      double weight = total != 0 ? it->exact[t] / total : it->exact[t];
      weights[t] = (int32_t)(0.5 + weight * (1 << fraction_bits)); // a triangle has no negative weights
    }
    it->first[i] = first;
    it->count[i] = count;
  }
  it->taps = taps;
  it->identity = in_size == out_size && start == 0 && end == (float)out_size;
  it->start = start;
  it->end = end;
  it->out_size = out_size;
  it->in_size = in_size;
  return true;
}

codec_resampler *codec_resampler_create(void) { return calloc(1, sizeof(codec_resampler)); }

static void release(axis *it) {
  free(it->first);
  free(it->count);
  free(it->weights);
  free(it->exact);
}

void codec_resampler_destroy(codec_resampler *resampler) {
  if (!resampler) { return; }
  release(&resampler->across);
  release(&resampler->down);
  free(resampler->ring);
  free(resampler->blended);
  free(resampler->sums);
  free(resampler);
}

static bool loses_more_rows(int32_t in_width, int32_t in_height, int32_t out_width, int32_t out_height) {
  return in_height > out_height && in_height - out_height > 2 * (int64_t)(in_width - out_width);
}

bool codec_resampler_set_up(
  codec_resampler *resampler, int32_t in_width, int32_t in_height, float left, float top, float right, float bottom,
  int32_t out_width, int32_t out_height, bool turns) {
  resampler->down_first = turns ? !loses_more_rows(in_height, in_width, out_height, out_width)
                                : loses_more_rows(in_width, in_height, out_width, out_height);
  size_t values = resampler->values = 3 * (size_t)(resampler->down_first ? in_width : out_width);
  return set_up(&resampler->across, in_width, left, right, out_width) &&
         set_up(&resampler->down, in_height, top, bottom, out_height) &&
         grow((void **)&resampler->ring, &resampler->ring_places, values * (size_t)resampler->down.taps, 1) &&
         (!resampler->down_first || grow((void **)&resampler->blended, &resampler->blended_places, values, 1)) &&
         grow((void **)&resampler->sums, &resampler->sum_places, values, sizeof(int32_t));
}

void codec_resampler_begin(codec_resampler *resampler, uint8_t *out) {
  resampler->out = out;
  resampler->in_row = resampler->out_row = 0;
  resampler->ring_next = 0;
}

static inline uint8_t rounded(int32_t sum) {
  int32_t value = sum >> fraction_bits;
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

// Bytes as lanes: red, green, blue and, where four are read, the next pixel's red, which nobody looks at.
static inline lanes4 pixel_lanes(const uint8_t *pixel, size_t bytes) {
  bytes4 four = {0};
  memcpy(&four, pixel, bytes);
  return __builtin_convertvector(four, lanes4);
}

WIDE static void resize_across(const axis *it, const uint8_t *in, uint8_t *out) {
  if (it->identity) {
    memcpy(out, in, (size_t)it->out_size * 3);
    return;
  }
  for (int32_t i = 0; i < it->out_size; i++) {
    const uint8_t *pixel = in + 3 * (size_t)it->first[i];
    const int32_t *weights = it->weights + (size_t)i * (size_t)it->taps;
    int32_t last = it->count[i] - 1; // perhaps the row's last pixel, with nothing behind it
    lanes4 sum = pixel_lanes(pixel + 3 * last, 3) * weights[last] + (1 << (fraction_bits - 1));
    for (int32_t t = 0; t < last; t++) { sum += pixel_lanes(pixel + 3 * t, 4) * weights[t]; }
    for (int c = 0; c < 3; c++) { out[3 * i + c] = rounded(sum[c]); }
  }
}

// Row `i` of the output's from the ring, whose newest row is source row `newest`; out [values].
WIDE static void blend_down(codec_resampler *resampler, int32_t i, int32_t newest, uint8_t *out) {
  const axis *it = &resampler->down;
  size_t values = resampler->values;
  int32_t *sums = resampler->sums;
  for (size_t x = 0; x < values; x++) { sums[x] = 1 << (fraction_bits - 1); }
  for (int32_t t = 0; t < it->count[i]; t++) {
    int32_t age = newest - (it->first[i] + t);
    int32_t place = resampler->ring_next - 1 - age;
    const uint8_t *row = resampler->ring + values * (size_t)(place < 0 ? place + it->taps : place);
    int32_t weight = it->weights[(size_t)i * (size_t)it->taps + (size_t)t];
    for (size_t x = 0; x < values; x++) { sums[x] += row[x] * weight; }
  }
  for (size_t x = 0; x < values; x++) { out[x] = rounded(sums[x]); }
}

void codec_resampler_push(codec_resampler *resampler, const uint8_t *rgb) {
  const axis *across = &resampler->across, *down = &resampler->down;
  size_t out_values = 3 * (size_t)across->out_size;
  int32_t y = resampler->in_row++;
  if (down->identity) {
    resize_across(across, rgb, resampler->out + (size_t)y * out_values);
    return;
  }
  int32_t last = down->out_size - 1;
  if (resampler->out_row > last || y < down->first[resampler->out_row]) { return; } // beyond the box
  uint8_t *place = resampler->ring + resampler->values * (size_t)resampler->ring_next;
  if (resampler->down_first) {
    memcpy(place, rgb, resampler->values);
  } else {
    resize_across(across, rgb, place);
  }
  resampler->ring_next = resampler->ring_next + 1 == down->taps ? 0 : resampler->ring_next + 1;
  while (resampler->out_row <= last && down->first[resampler->out_row] + down->count[resampler->out_row] <= y + 1) {
    uint8_t *out = resampler->out + (size_t)resampler->out_row * out_values;
    blend_down(resampler, resampler->out_row, y, resampler->down_first ? resampler->blended : out);
    if (resampler->down_first) { resize_across(across, resampler->blended, out); }
    resampler->out_row++;
  }
}

uint64_t codec_resampler_bytes(const codec_resampler *resampler) {
  uint64_t bytes = sizeof *resampler + resampler->ring_places + resampler->blended_places;
  bytes += resampler->sum_places * sizeof(int32_t);
  const axis *axes[] = {&resampler->across, &resampler->down};
  for (int i = 0; i < 2; i++) {
    bytes += axes[i]->places * 2 * sizeof(int32_t) + axes[i]->weight_places * sizeof(int32_t);
    bytes += axes[i]->exact_places * sizeof(double);
  }
  return bytes;
}
