// Antialiased bilinear resizing that equals Pillow 13's `Image.resize(size, BILINEAR, box)` byte for byte.
#ifndef CODEC_RESAMPLER_H
#define CODEC_RESAMPLER_H

#include <stdbool.h>
#include <stdint.h>

// Takes rows top to bottom and finishes output rows as soon as their last source row has come, so that only the few rows
// under the filter are ever held. May be set up again and again; it keeps its memory and, for an unchanged geometry, its
// weights. Not for use by two threads at once.
typedef struct codec_resampler codec_resampler;

// NULL when there is no memory.
codec_resampler *codec_resampler_create(void);
void codec_resampler_destroy(codec_resampler *resampler);

// From an image of in_width x in_height, its part (left, top, right, bottom) in pixels, to out_width x out_height.
// The filter may look beyond the box but not beyond the image. All sizes at least 1, the box inside the image and not
// empty. `turns` says that the result is to be turned by a quarter: the passes then come in the order in which they would
// if the image had been turned first. False when there is no memory.
bool codec_resampler_set_up(
  codec_resampler *resampler, int32_t in_width, int32_t in_height, float left, float top, float right, float bottom,
  int32_t out_width, int32_t out_height, bool turns);

// Starts an image: out is [out_height, out_width, 3] and must stay valid until the last row has been pushed.
void codec_resampler_begin(codec_resampler *resampler, uint8_t *out);

// The next source row: rgb [in_width * 3]. To be called in_height times.
void codec_resampler_push(codec_resampler *resampler, const uint8_t *rgb);

uint64_t codec_resampler_bytes(const codec_resampler *resampler);

#endif
