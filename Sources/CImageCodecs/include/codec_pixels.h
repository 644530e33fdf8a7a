// The last steps from 8-bit pixels to the network's input.
#ifndef CODEC_PIXELS_H
#define CODEC_PIXELS_H

#include <stdbool.h>
#include <stdint.h>

// Nearest-neighbour affine map as Pillow's `Image.transform(size, AFFINE, matrix, NEAREST)` for images below 32768 pixels
// a side: out(x, y) = in(m0 x + m1 y + m2, m3 x + m4 y + m5), black where that lies outside.
// in, out: [height, width, 3], not overlapping.
void codec_affine_nearest(const uint8_t *in, int32_t width, int32_t height, const double matrix[6], uint8_t *out);

// Turns and mirrors a picture as its EXIF orientation (1 to 8) says, like Pillow's `ImageOps.exif_transpose`.
// in: [height, width, 3]; out: the same, or [width, height, 3] from orientation 5 on; not overlapping.
void codec_orient(const uint8_t *in, int32_t width, int32_t height, int orientation, uint8_t *out);

// out[i, c] = table[c, in[i, c]] for `pixels` pixels; in [pixels, 3], table [3, 256], out [pixels, 3].
void codec_map_pixels(const uint8_t *in, int64_t pixels, const float *table, float *out);

// The same with every row mirrored left to right; in and out [height, width, 3].
void codec_map_pixels_mirrored(const uint8_t *in, int32_t width, int32_t height, const float *table, float *out);

#endif
