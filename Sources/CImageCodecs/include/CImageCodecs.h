// Image files to 8-bit RGB rows, Pillow's resampling, and the last steps to float pixels.
//
// The only text of the program that sees libpng, libjpeg, libwebp, giflib, libtiff, Little CMS and libheif. The error handling
// of the first two jumps (setjmp/longjmp), which Swift must never see, so every function here catches the jump itself and
// returns a status.
#ifndef C_IMAGE_CODECS_H
#define C_IMAGE_CODECS_H

#include "codec_pixels.h"
#include "codec_reader.h"
#include "codec_resampler.h"

#endif
