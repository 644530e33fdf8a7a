// From a driver's row to RGB, in this order: 16-bit samples to 8, alpha out of premultiplied colours, profile to sRGB, alpha
// over the background. Colours are converted before they are blended: the background is given in sRGB.
#include <string.h>

#include "codec_internal.h"

bool codec_needs_finish(const codec_reader *reader) {
  return reader->layout != layout_rgb || reader->deep || reader->conversion;
}

void codec_finish_prepare(codec_reader *reader) {
  uint64_t width = reader->header.width;
  reader->native = codec_allocate(reader, width * codec_channels(reader->layout) * (reader->deep ? 2 : 1), "rows this long");
  if (reader->conversion) { reader->converted = codec_allocate(reader, width * 4, "rows this long"); }
}

// In place: colour samples keep the upper 8 of the bits that the data set uses, alpha the upper 8 of its 16.
static void reduce_samples(codec_reader *reader) {
  size_t channels = codec_channels(reader->layout), alpha = codec_layout_has_alpha(reader->layout) ? channels - 1 : channels;
  unsigned bits = reader->rules.sample_bits ? reader->rules.sample_bits : 16;
  unsigned top = (1u << bits) - 1, maximum = reader->sample_maximum;
  const uint8_t *in = reader->native;
  uint8_t *out = reader->native;
  for (uint32_t x = 0; x < reader->header.width; x++) {
    for (size_t c = 0; c < channels; c++, in += 2) {
      uint16_t value;
      memcpy(&value, in, sizeof value);
      if (c == alpha) {
        *out++ = (uint8_t)(value >> 8);
      } else {
        if (value > maximum) { maximum = value; }
        *out++ = (uint8_t)((value > top ? top : value) >> (bits - 8));
      }
    }
  }
  reader->sample_maximum = (uint16_t)maximum;
}

static void unmultiply(uint8_t *row, size_t channels, uint32_t width) {
  for (uint32_t x = 0; x < width; x++, row += channels) {
    unsigned alpha = row[channels - 1];
    for (size_t c = 0; c + 1 < channels; c++) {
      unsigned value = alpha ? row[c] * 255u / alpha : 0;
      row[c] = (uint8_t)(value > 255 ? 255 : value);
    }
  }
}

// a * b / 255, rounded.
static uint8_t scaled(uint32_t a, uint32_t b) {
  uint32_t product = a * b + 128;
  return (uint8_t)((product + (product >> 8)) >> 8);
}

// Pillow's alpha_composite over an opaque ground, whose weights have seven fractional bits.
static uint8_t over(uint32_t color, uint32_t ground, uint32_t alpha) {
  uint32_t sum = color * alpha * 128 + ground * (255 - alpha) * 128 + (0x80 << 7);
  return (uint8_t)((((sum >> 8) + sum) >> 8) >> 7);
}

// Three or four bytes a pixel, alpha last if there is any.
static void blend(const codec_reader *reader, const uint8_t *in, size_t channels, uint8_t *rgb) {
  uint32_t width = reader->header.width;
  const uint8_t *ground = reader->rules.background;
  for (uint32_t x = 0; x < width; x++, in += channels, rgb += 3) {
    for (int c = 0; c < 3; c++) { rgb[c] = channels == 3 || !reader->rules.over_background ? in[c] : over(in[c], ground[c], in[3]); }
  }
}

static void expand_gray(const codec_reader *reader, const uint8_t *in, bool alpha, uint8_t *rgb) {
  bool blends = alpha && reader->rules.over_background;
  const uint8_t *ground = reader->rules.background;
  size_t step = alpha ? 2 : 1;
  for (uint32_t x = 0; x < reader->header.width; x++, in += step, rgb += 3) {
    for (int c = 0; c < 3; c++) { rgb[c] = blends ? over(in[0], ground[c], in[1]) : in[0]; }
  }
}

static void mix_inks(const uint8_t *in, uint32_t width, uint8_t *rgb) {
  for (uint32_t x = 0; x < width; x++, in += 4, rgb += 3) {
    uint32_t light = 255u - in[3];
    for (int c = 0; c < 3; c++) { rgb[c] = (uint8_t)(light - scaled(in[c], light)); }
  }
}

void codec_finish_row(codec_reader *reader, uint8_t *rgb) {
  codec_layout layout = reader->layout;
  uint32_t width = reader->header.width;
  const uint8_t *row = reader->native;
  bool alpha = codec_layout_has_alpha(layout);
  if (reader->deep) { reduce_samples(reader); }
  if (reader->premultiplied) { unmultiply(reader->native, codec_channels(layout), width); }
  if (reader->conversion) {
    codec_convert(reader->conversion, row, width, reader->converted);
    blend(reader, reader->converted, alpha ? 4 : 3, rgb);
    return;
  }
  switch (layout) {
  case layout_gray:
  case layout_gray_alpha: expand_gray(reader, row, alpha, rgb); return;
  case layout_rgb: memcpy(rgb, row, (size_t)width * 3); return;
  case layout_rgb_alpha: blend(reader, row, 4, rgb); return;
  case layout_cmyk: mix_inks(row, width, rgb); return;
  }
}
