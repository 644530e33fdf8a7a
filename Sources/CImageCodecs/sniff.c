#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

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
  {0, "GIF8", 4, "GIF"},
  {8, "WEBP", 4, "WebP"},
  {0, "BM", 2, "BMP"},
  {0, "II*\0", 4, "TIFF"},
  {0, "MM\0*", 4, "TIFF"},
  {4, "ftypavi", 7, "AVIF"},
  {4, "ftyphei", 7, "HEIC"},
  {4, "ftypmif1", 8, "HEIC"},
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
  {0, "<svg", 4, "SVG"},
};

static bool starts_with(const uint8_t *bytes, size_t count, const uint8_t *with, size_t with_count) {
  return memcmp(bytes, with, count < with_count ? count : with_count) == 0;
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
  bool png = starts_with(bytes, count, png_signature, sizeof png_signature);
  bool jpeg = starts_with(bytes, count, jpeg_signature, sizeof jpeg_signature);
  if ((png && count < sizeof png_signature) || (jpeg && count < sizeof jpeg_signature)) {
    return report->status = codec_truncated;
  }
  if (png || jpeg) {
    *format = png ? codec_png : codec_jpeg;
    return codec_ok;
  }
  snprintf(report->text, sizeof report->text, "%s", name_of(bytes, count));
  return report->status = codec_other_format;
}

bool codec_begins_like_image(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) { return false; }
  uint8_t bytes[sizeof png_signature];
  ssize_t count = pread(fd, bytes, sizeof bytes, 0);
  close(fd);
  return (count >= (ssize_t)sizeof png_signature && memcmp(bytes, png_signature, sizeof png_signature) == 0) ||
         (count >= (ssize_t)sizeof jpeg_signature && memcmp(bytes, jpeg_signature, sizeof jpeg_signature) == 0);
}
