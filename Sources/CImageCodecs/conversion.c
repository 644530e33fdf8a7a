// Colour profiles through Little CMS as Pillow's ImageCms.profileToProfile(image, profile, sRGB) uses it: perceptual intent,
// no flags. Building a conversion costs milliseconds and a folder holds few profiles, so the last ones are kept.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <lcms2.h>

#include "codec_internal.h"

enum { most_kept = 16, most_profile_bytes = 16 << 20 };

struct codec_conversion {
  int references;
  uint64_t last_use;
  uint8_t *profile;
  size_t count;
  codec_layout layout;
  codec_profile kind;
  cmsHTRANSFORM transform; // of colour rows; shared by threads, which Little CMS allows
  uint8_t table[256 * 3];  // of gray rows: level -> sRGB
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static codec_conversion *kept[most_kept];
static uint64_t uses;

static bool is_gray(codec_layout layout) { return layout == layout_gray || layout == layout_gray_alpha; }

static cmsHTRANSFORM make_transform(cmsHPROFILE profile, cmsUInt32Number in, cmsUInt32Number out, cmsUInt32Number flags) {
  cmsHPROFILE srgb = cmsCreate_sRGBProfile();
  if (!srgb) { return NULL; }
  cmsHTRANSFORM transform = cmsCreateTransform(profile, in, srgb, out, INTENT_PERCEPTUAL, flags);
  cmsCloseProfile(srgb);
  return transform;
}

static bool within_a_level(const uint8_t *a, const uint8_t *b, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (abs(a[i] - b[i]) > 1) { return false; }
  }
  return true;
}

// Every sixteenth level of each channel with every other, and the ends.
static bool is_srgb(cmsHTRANSFORM transform, size_t channels) {
  for (int red = 0; red <= 16; red++) {
    for (int green = 0; green <= 16; green++) {
      uint8_t in[17 * 4], out[17 * 4];
      for (int blue = 0; blue <= 16; blue++) {
        uint8_t *pixel = in + channels * (size_t)blue;
        int levels[3] = {red, green, blue};
        for (int c = 0; c < 3; c++) { pixel[c] = (uint8_t)(levels[c] == 16 ? 255 : levels[c] * 16); }
        if (channels == 4) { pixel[3] = 255; }
      }
      memset(out, 255, sizeof out);
      cmsDoTransform(transform, in, out, 17);
      if (!within_a_level(in, out, 17 * channels)) { return false; }
    }
  }
  return true;
}

// Gray images may carry a profile of gray or, as browsers take it too, of RGB.
static codec_profile open_gray(codec_conversion *it, cmsHPROFILE profile, bool rgb) {
  cmsHTRANSFORM transform = make_transform(profile, rgb ? TYPE_RGB_8 : TYPE_GRAY_8, TYPE_RGB_8, 0);
  if (!transform) { return codec_profile_unusable; }
  uint8_t levels[256 * 3], plain[256 * 3];
  for (int i = 0; i < 256; i++) {
    memset(plain + 3 * i, i, 3);
    if (rgb) {
      memset(levels + 3 * i, i, 3);
    } else {
      levels[i] = (uint8_t)i;
    }
  }
  cmsDoTransform(transform, levels, it->table, 256);
  cmsDeleteTransform(transform);
  return within_a_level(plain, it->table, sizeof plain) ? codec_profile_srgb : codec_profile_other;
}

static codec_profile open_colour(codec_conversion *it, cmsHPROFILE profile) {
  switch (it->layout) {
  case layout_rgb: it->transform = make_transform(profile, TYPE_RGB_8, TYPE_RGB_8, 0); break;
  case layout_rgb_alpha: it->transform = make_transform(profile, TYPE_RGBA_8, TYPE_RGBA_8, cmsFLAGS_COPY_ALPHA); break;
  case layout_cmyk: it->transform = make_transform(profile, TYPE_CMYK_8, TYPE_RGB_8, 0); break;
  default: break;
  }
  if (!it->transform) { return codec_profile_unusable; }
  return it->layout != layout_cmyk && is_srgb(it->transform, codec_channels(it->layout)) ? codec_profile_srgb : codec_profile_other;
}

static codec_profile open_profile(codec_conversion *it) {
  cmsHPROFILE profile = cmsOpenProfileFromMem(it->profile, (cmsUInt32Number)it->count);
  if (!profile) { return codec_profile_unusable; }
  cmsColorSpaceSignature space = cmsGetColorSpace(profile);
  codec_profile kind = codec_profile_unusable;
  if (is_gray(it->layout)) {
    if (space == cmsSigGrayData || space == cmsSigRgbData) { kind = open_gray(it, profile, space == cmsSigRgbData); }
  } else if (space == (it->layout == layout_cmyk ? cmsSigCmykData : cmsSigRgbData)) {
    kind = open_colour(it, profile);
  }
  cmsCloseProfile(profile);
  return kind;
}

static void destroy(codec_conversion *it) {
  if (it->transform) { cmsDeleteTransform(it->transform); }
  free(it->profile);
  free(it);
}

static codec_conversion *create(const uint8_t *profile, size_t count, codec_layout layout) {
  codec_conversion *it = calloc(1, sizeof *it);
  uint8_t *copy = malloc(count);
  if (!it || !copy) {
    free(it);
    free(copy);
    return NULL;
  }
  memcpy(copy, profile, count);
  it->references = 1;
  it->profile = copy;
  it->count = count;
  it->layout = layout;
  it->kind = open_profile(it);
  return it;
}

static void drop_reference(codec_conversion *it) {
  if (--it->references == 0) { destroy(it); }
}

// With the lock held: the conversion with a reference of the caller's, kept in the place of the one used longest ago.
static codec_conversion *find_or_make(const uint8_t *profile, size_t count, codec_layout layout) {
  int oldest = 0;
  for (int i = 0; i < most_kept; i++) {
    codec_conversion *it = kept[i];
    if (it && it->layout == layout && it->count == count && memcmp(it->profile, profile, count) == 0) {
      it->last_use = ++uses;
      it->references++;
      return it;
    }
    if (kept[oldest] && (!it || it->last_use < kept[oldest]->last_use)) { oldest = i; }
  }
  codec_conversion *made = create(profile, count, layout);
  if (!made) { return NULL; }
  made->last_use = ++uses;
  if (kept[oldest]) { drop_reference(kept[oldest]); }
  kept[oldest] = made;
  made->references++;
  return made;
}

codec_conversion *codec_conversion_get(const uint8_t *profile, size_t count, codec_layout layout, codec_profile *kind) {
  *kind = codec_profile_unusable;
  if (count == 0 || count > most_profile_bytes) { return NULL; }
  pthread_mutex_lock(&lock);
  codec_conversion *it = find_or_make(profile, count, layout);
  if (it) {
    *kind = it->kind;
    if (it->kind != codec_profile_other) {
      drop_reference(it);
      it = NULL;
    }
  }
  pthread_mutex_unlock(&lock);
  return it;
}

void codec_conversion_release(codec_conversion *conversion) {
  if (!conversion) { return; }
  pthread_mutex_lock(&lock);
  drop_reference(conversion);
  pthread_mutex_unlock(&lock);
}

void codec_convert(const codec_conversion *conversion, const uint8_t *in, uint32_t pixels, uint8_t *out) {
  if (!is_gray(conversion->layout)) {
    cmsDoTransform(conversion->transform, in, out, pixels);
    return;
  }
  bool alpha = conversion->layout == layout_gray_alpha;
  for (uint32_t x = 0; x < pixels; x++) {
    memcpy(out, conversion->table + 3 * in[0], 3);
    if (alpha) { out[3] = in[1]; }
    in += alpha ? 2 : 1;
    out += alpha ? 4 : 3;
  }
}

void codec_use_profile(codec_reader *reader, const uint8_t *profile, size_t count) {
  if (!reader->rules.converts_profile) { return; }
  reader->conversion = codec_conversion_get(profile, count, reader->layout, &reader->header.profile);
}

void codec_use_profile_at(codec_reader *reader, int64_t offset, uint64_t count) {
  if (!reader->rules.converts_profile) { return; }
  reader->header.profile = codec_profile_unusable;
  if (count == 0 || count > most_profile_bytes) { return; }
  uint8_t *bytes = malloc(count);
  if (!bytes) { return; }
  if (codec_source_peek(&reader->source, offset, bytes, count) == count) { codec_use_profile(reader, bytes, count); }
  free(bytes);
}
