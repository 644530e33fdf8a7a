#include <math.h>
#include <string.h>

#include "include/codec_pixels.h"

// Pillow walks the source in 16.16 fixed point; the accumulated steps decide which neighbour is nearest.
static int64_t fixed(double value) { return (int64_t)floor(value * 65536.0 + 0.5); }

void codec_affine_nearest(const uint8_t *in, int32_t width, int32_t height, const double matrix[6], uint8_t *out) {
  int64_t x_per_x = fixed(matrix[0]), x_per_y = fixed(matrix[1]);
  int64_t y_per_x = fixed(matrix[3]), y_per_y = fixed(matrix[4]);
  int64_t x_start = fixed(matrix[2] + matrix[0] * 0.5 + matrix[1] * 0.5);
  int64_t y_start = fixed(matrix[5] + matrix[3] * 0.5 + matrix[4] * 0.5);
  for (int32_t y = 0; y < height; y++) {
    int64_t from_x = x_start, from_y = y_start;
    for (int32_t x = 0; x < width; x++, out += 3) {
      int64_t column = from_x >> 16, row = from_y >> 16;
      if (column >= 0 && column < width && row >= 0 && row < height) {
        memcpy(out, in + 3 * ((size_t)row * (size_t)width + (size_t)column), 3);
      } else {
        memset(out, 0, 3);
      }
      from_x += x_per_x;
      from_y += y_per_x;
    }
    x_start += x_per_y;
    y_start += y_per_y;
  }
}

// The stored pixel at column x of stored row y goes to start + x * per_x + y * per_y, counted in pixels.
void codec_orient(const uint8_t *in, int32_t width, int32_t height, int orientation, uint8_t *out) {
  bool mirrored = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  bool flipped = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  int64_t per_x = orientation >= 5 ? height : 1, per_y = orientation >= 5 ? 1 : width;
  int64_t start = (mirrored ? (width - 1) * per_x : 0) + (flipped ? (height - 1) * per_y : 0);
  per_x = mirrored ? -per_x : per_x;
  per_y = flipped ? -per_y : per_y;
  for (int32_t y = 0; y < height; y++) {
    int64_t place = start + y * per_y;
    for (int32_t x = 0; x < width; x++, in += 3, place += per_x) { memcpy(out + 3 * place, in, 3); }
  }
}

void codec_map_pixels(const uint8_t *in, int64_t pixels, const float *table, float *out) {
  for (int64_t i = 0; i < pixels; i++, in += 3, out += 3) {
    out[0] = table[in[0]];
    out[1] = table[256 + in[1]];
    out[2] = table[512 + in[2]];
  }
}

void codec_map_pixels_mirrored(const uint8_t *in, int32_t width, int32_t height, const float *table, float *out) {
  for (int32_t y = 0; y < height; y++, in += 3 * (size_t)width) {
    for (int32_t x = width - 1; x >= 0; x--, out += 3) {
      const uint8_t *pixel = in + 3 * (size_t)x;
      out[0] = table[pixel[0]];
      out[1] = table[256 + pixel[1]];
      out[2] = table[512 + pixel[2]];
    }
  }
}
