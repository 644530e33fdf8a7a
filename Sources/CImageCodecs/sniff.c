#include <ctype.h>
#include <string.h>

#include "codec_internal.h"

typedef struct signature {
  size_t offset;
  const char *bytes;
  size_t count;
  const char *name;
} signature;

static const uint8_t png_signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
static const uint8_t jpeg_signature[] = {0xFF, 0xD8, 0xFF};

// Only for the error message: what people put among their images.
static const signature others[] = {
  {8, "CR", 2, "Canon raw"}, // behind a TIFF's signature
  {4, "ftypcrx", 7, "Canon raw"},
  {4, "ftyp", 4, "MP4"},
  {4, "jP  ", 4, "JPEG 2000"},
  {0, "\xFF\x4F\xFF\x51", 4, "JPEG 2000"},
  {0, "\xFF\x0A", 2, "JPEG XL"},
  {4, "JXL ", 4, "JPEG XL"},
  {0, "8BPS", 4, "Photoshop"},
  {0, "\0\0\1\0", 4, "ICO"},
  {0, "%PDF", 4, "PDF"},
  {0, "PK\3\4", 4, "ZIP"},
  {0, "\x1F\x8B", 2, "gzip"},
  {0, "RIFF", 4, "RIFF"},
  {0, "<svg", 4, "SVG"},
};

static bool starts_with(const uint8_t *bytes, size_t count, const uint8_t *with, size_t with_count) {
  return memcmp(bytes, with, count < with_count ? count : with_count) == 0;
}

static bool has(const uint8_t *bytes, size_t count, size_t offset, const char *text, size_t length) {
  return count >= offset + length && memcmp(bytes + offset, text, length) == 0;
}

static bool is_tiff(const uint8_t *bytes, size_t count) {
  bool tiff = has(bytes, count, 0, "II*\0", 4) || has(bytes, count, 0, "MM\0*", 4) || has(bytes, count, 0, "II+\0", 4) ||
              has(bytes, count, 0, "MM\0+", 4);
  return tiff && !has(bytes, count, 8, "CR", 2);
}

// Two letters begin a text too, so the header's size has to be one of the format's.
static bool is_bmp(const uint8_t *bytes, size_t count) {
  if (!has(bytes, count, 0, "BM", 2)) { return false; }
  if (count < 18) { return count > 2 && bytes[count - 1] < 0x20; }
  static const uint8_t sizes[] = {12, 40, 52, 56, 64, 108, 124};
  return memchr(sizes, bytes[14], sizeof sizes) && bytes[15] == 0 && bytes[16] == 0 && bytes[17] == 0;
}

// The brand, or among the compatible ones of a file that only calls itself an image.
static bool heif_format(const uint8_t *bytes, size_t count, codec_format *format) {
  if (!has(bytes, count, 4, "ftyp", 4) || count < 12) { return false; }
  size_t length = (size_t)bytes[2] << 8 | bytes[3];
  for (size_t place = 8; place + 4 <= count && place + 4 <= length; place += place == 8 ? 8 : 4) {
    const uint8_t *brand = bytes + place;
    bool avif = memcmp(brand, "avif", 4) == 0 || memcmp(brand, "avis", 4) == 0;
    bool heic = memcmp(brand, "hei", 3) == 0 || memcmp(brand, "hev", 3) == 0;
    if (avif || heic) {
      *format = avif ? codec_avif : codec_heic;
      return true;
    }
    if (place == 8 && memcmp(brand, "mif1", 4) != 0 && memcmp(brand, "msf1", 4) != 0) { return false; }
  }
  return false;
}

static bool format_of(const uint8_t *bytes, size_t count, codec_format *format) {
  if (starts_with(bytes, count, png_signature, sizeof png_signature)) {
    *format = codec_png;
  } else if (starts_with(bytes, count, jpeg_signature, sizeof jpeg_signature)) {
    *format = codec_jpeg;
  } else if (has(bytes, count, 0, "RIFF", 4) && has(bytes, count, 8, "WEBP", 4)) {
    *format = codec_webp;
  } else if (has(bytes, count, 0, "GIF87a", 6) || has(bytes, count, 0, "GIF89a", 6)) {
    *format = codec_gif;
  } else if (is_tiff(bytes, count)) {
    *format = codec_tiff;
  } else if (is_bmp(bytes, count)) {
    *format = codec_bmp;
  } else {
    return heif_format(bytes, count, format);
  }
  return true;
}

static bool is_netpbm(const uint8_t *bytes, size_t count) {
  return count > 2 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '7' && isspace(bytes[2]);
}

// UTF-8 or a close relation: no control characters but white space.
static bool is_text(const uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count && i < 512; i++) {
    if (bytes[i] == 0x7F || (bytes[i] < 0x20 && !isspace(bytes[i]) && bytes[i] != 0x1B)) { return false; }
  }
  return true;
}

static const char *name_of(const uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    const signature *it = &others[i];
    if (count >= it->offset + it->count && memcmp(bytes + it->offset, it->bytes, it->count) == 0) { return it->name; }
  }
  if (is_netpbm(bytes, count)) { return "Netpbm"; }
  return is_text(bytes, count) ? "text" : "";
}

codec_status codec_sniff(const codec_source *source, codec_format *format, codec_report *report) {
  const uint8_t *bytes = source->buffer;
  size_t count = source->filled;
  if (format_of(bytes, count, format)) {
    bool whole = (*format != codec_png || count >= sizeof png_signature) && (*format != codec_jpeg || count >= sizeof jpeg_signature);
    return whole ? codec_ok : (report->status = codec_truncated);
  }
  snprintf(report->text, sizeof report->text, "%s", name_of(bytes, count));
  return report->status = codec_other_format;
}

bool codec_begins_like_image(codec_input input) {
  codec_source source = {.fd = -1};
  codec_report report;
  codec_format format;
  // A TIFF needs its extension: cameras' raw files and maps begin like one.
  bool begins = codec_source_open(&source, input, &report) == codec_ok && source.filled >= 12 &&
                format_of(source.buffer, source.filled, &format) && format != codec_tiff;
  codec_source_close(&source);
  return begins;
}
