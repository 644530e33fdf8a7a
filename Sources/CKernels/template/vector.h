// The vector type of the path being compiled: CK_WIDTH floats. Everything above this file is written in it.
#include <math.h>
#include <stddef.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

typedef float vf __attribute__((vector_size(CK_WIDTH * 4)));
typedef int32_t vi __attribute__((vector_size(CK_WIDTH * 4)));
typedef float vh __attribute__((vector_size(CK_WIDTH * 2))); // half of one

INLINE vf v_set(float x) { return x - (vf){0}; }
INLINE vf v_load(const float *p) { vf v; memcpy(&v, p, sizeof v); return v; }
INLINE void v_store(float *p, vf v) { memcpy(p, &v, sizeof v); }
INLINE vh v_load_half(const float *p) { vh v; memcpy(&v, p, sizeof v); return v; }
// Half 0 or 1 of a vector, and the way back.
INLINE vh v_half(vf v, int i) { vh h; memcpy(&h, (const char *)&v + (size_t)i * sizeof h, sizeof h); return h; }
INLINE vf v_join(vh low, vh high) { vf v; memcpy(&v, &low, sizeof low); memcpy((char *)&v + sizeof low, &high, sizeof high); return v; }
// Past the caches, without reading the line first; p on a vector's boundary.
INLINE void v_stream(float *p, vf v) { __builtin_nontemporal_store(v, (vf *)p); }
// Only the first n lanes, 0 < n <= CK_WIDTH.
INLINE void v_store_n(float *p, vf v, int n) {
  if (n >= CK_WIDTH) { v_store(p, v); return; }
#if defined(CK_AVX512)
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1u), (__m512)v);
#else
  for (int i = 0; i < n; i++) p[i] = v[i];
#endif
}
INLINE vf v_select(vi mask, vf yes, vf no) { return (vf)(((vi)yes & mask) | ((vi)no & ~mask)); }
// The first n lanes of v; the others are `rest`, whatever stands in v (a NaN too).
INLINE vf v_first_n(vf v, int n, vf rest) {
  if (n >= CK_WIDTH) return v;
  vi lane;
  for (int i = 0; i < CK_WIDTH; i++) lane[i] = i;
  return v_select(lane < (n - (vi){0}), v, rest);
}
INLINE vf v_keep_n(vf v, int n) { return v_first_n(v, n, (vf){0}); }
// Where one of them is a NaN: b.
#if defined(CK_AVX512)
INLINE vf v_max(vf a, vf b) { return (vf)_mm512_max_ps((__m512)a, (__m512)b); }
INLINE vf v_min(vf a, vf b) { return (vf)_mm512_min_ps((__m512)a, (__m512)b); }
#else
INLINE vf v_max(vf a, vf b) { return v_select(a > b, a, b); }
INLINE vf v_min(vf a, vf b) { return v_select(a < b, a, b); }
#endif
// The first (or last) halves of two vectors, lane by lane in turn.
#if CK_WIDTH == 16
INLINE vf v_zip_low(vf a, vf b) { return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23); }
INLINE vf v_zip_high(vf a, vf b) { return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31); }
#elif CK_WIDTH == 8
INLINE vf v_zip_low(vf a, vf b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
INLINE vf v_zip_high(vf a, vf b) { return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
#else
INLINE vf v_zip_low(vf a, vf b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
INLINE vf v_zip_high(vf a, vf b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
#endif
// Rows become columns: each round turns the bits of an element's place (row, lane) by one.
INLINE void v_transpose(vf rows[CK_WIDTH]) {
#pragma clang loop unroll(full)
  for (int round = 1; round < CK_WIDTH; round *= 2) {
    vf turned[CK_WIDTH];
#pragma clang loop unroll(full)
    for (int i = 0; i < CK_WIDTH / 2; i++) {
      turned[2 * i] = v_zip_low(rows[i], rows[i + CK_WIDTH / 2]);
      turned[2 * i + 1] = v_zip_high(rows[i], rows[i + CK_WIDTH / 2]);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < CK_WIDTH; i++) rows[i] = turned[i];
  }
}
INLINE float v_sum(vf v) {
  float s[CK_WIDTH];
  memcpy(s, &v, sizeof s);
  for (int half = CK_WIDTH / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) s[i] += s[i + half];
  return s[0];
}
INLINE float v_largest(vf v) {
#if defined(CK_AVX512)
  return _mm512_reduce_max_ps((__m512)v);
#else
  float m = v[0];
  for (int i = 1; i < CK_WIDTH; i++) m = v[i] > m ? v[i] : m;
  return m;
#endif
}

INLINE int64_t ck_smaller(int64_t a, int64_t b) { return a < b ? a : b; }
INLINE int64_t ck_padded(int64_t n) { return (n + CK_PADDING - 1) / CK_PADDING * CK_PADDING; }

// e^x for x in [-87.3, 88]; x outside is clamped, NaN stays NaN. Relative error below 1.5e-7: x = n ln 2 + r with ln 2 in
// two parts (Cody and Waite). With a table in a register (AVX-512) n goes in sixteenths and a cubic does for e^r; elsewhere a
// degree-6 polynomial on [-ln2/2, ln2/2], exact in r = 0, that is minimax in relative error (4e-9).
#if defined(CK_AVX512)
// e^r 2^(n / 16), n the integer in the lowest bits of `shifted`.
INLINE vf v_exp_assemble(vf r, vf shifted) {
  const vf sixteenths = {0x1p+0f,       0x1.0b5586p+0f, 0x1.172b84p+0f, 0x1.2387a6p+0f, 0x1.306fep+0f,  0x1.3dea64p+0f,
                         0x1.4bfdaep+0f, 0x1.5ab07ep+0f, 0x1.6a09e6p+0f, 0x1.7a1148p+0f, 0x1.8ace54p+0f, 0x1.9c4918p+0f,
                         0x1.ae89fap+0f, 0x1.c199bep+0f, 0x1.d5818ep+0f, 0x1.ea4afap+0f};
  const vf part = (vf)_mm512_permutexvar_ps((__m512i)shifted, (__m512)sixteenths);
  const vf whole = (vf)((vi)part + (((vi)shifted >> 4) << 23)), p = 1.0f + r * (0.5f + r * 0.16666667f);
  return whole + (whole * r) * p;
}
#endif
INLINE vf v_exp(const vf argument) {
  const vf x = v_min(v_set(88.0f), v_max(v_set(-87.3f), argument));
  const vf magic = v_set(12582912.0f);
#if defined(CK_AVX512)
  const vf shifted = x * 23.0831206542f + magic, n = shifted - magic;
  return v_exp_assemble((x - n * (0.693145751953125f / 16)) - n * (1.428606765330187e-6f / 16), shifted);
#else
  const vf shifted = x * 1.44269504f + magic;
  const vf n = shifted - magic;
  const vf r = (x - n * 0.693145751953125f) - n * 1.428606765330187e-6f;
  vf p = v_set(8.36871099e-3f) + r * 1.38146116e-3f;
  p = p * r + 4.16683890e-2f;
  p = p * r + 1.66665211e-1f;
  p = p * r + 0.49999994f;
  const vf e = (p * r) * r + r + 1.0f;
  // Adding to the exponent of a NaN could make a number of it, depending on its payload.
  return v_select(argument == argument, (vf)((vi)e + ((vi)shifted << 23)), argument);
#endif
}
// e^-x where it is about to be added to 1 and to divide: ln 2 in one part will do, an error of 3e-9 |x| more than v_exp's.
INLINE vf v_exp_of_negative(const vf argument) {
#if defined(CK_AVX512)
  const vf x = v_min(v_set(87.3f), v_max(v_set(-88.0f), argument)), magic = v_set(12582912.0f);
  const vf shifted = magic - x * 23.0831206542f, n = shifted - magic;
  return v_exp_assemble(-x - n * 0.0433216988f, shifted);
#else
  return v_exp(-argument);
#endif
}
// 1 / x to an ulp for x in [1, 2^127].
INLINE vf v_reciprocal(vf x) {
#if defined(CK_AVX512)
  // 14 bits, and a Newton step; a division takes twice as long.
  const vf r = (vf)_mm512_rcp14_ps((__m512)x);
  return r + r * (1.0f - x * r);
#else
  return 1.0f / x;
#endif
}
// The largest of n values, n > 0. A NaN may be passed over: what is computed with the largest must bring it up again.
INLINE float v_largest_of(const float *values, int n) {
  vf largest = v_set(-INFINITY);
  for (int i = 0; i < n; i += CK_WIDTH) largest = v_max(v_first_n(v_load(values + i), n - i, largest), largest);
  return v_largest(largest);
}
INLINE vf v_sigmoid(vf x) { return v_reciprocal(1.0f + v_exp_of_negative(x)); }

INLINE vf v_activate(vf x, const int activation) {
  if (activation == CK_SILU) return x * v_sigmoid(x);
  // In this order a NaN comes through, so that divergence is seen and not clamped away.
  if (activation == CK_RELU6) return v_min(v_set(6.0f), v_max((vf){0}, x));
  return x;
}
// SiLU's value at x, and its derivative, for one exponential.
INLINE vf v_silu_and_slope(vf x, vf *slope) {
  const vf e = v_exp_of_negative(x), s = v_reciprocal(1.0f + e), value = x * s;
  *slope = s + value * (e * s); // e s = 1 - s, without its cancellation
  return value;
}
// The derivative of the activation at x.
INLINE vf v_slope(vf x, const int activation) {
  vf slope = v_set(1.0f);
  if (activation == CK_SILU) v_silu_and_slope(x, &slope);
  if (activation == CK_RELU6) slope = v_select((x > 0.0f) & (x < 6.0f), v_set(1.0f), (vf){0});
  return slope;
}
