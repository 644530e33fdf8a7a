// What the machine can do at most, measured with this path's own vectors: the roofline that steps are held against.

// Multiply-adds on registers alone, `rounds` times 10 independent chains of whole vectors. Returns the flops done; *sink keeps
// the compiler from dropping them.
static int64_t ck_multiply_add_loop(int64_t rounds, float *sink) {
  enum { CHAINS = 10 };
  vf acc[CHAINS];
  const vf a = v_set(*sink), b = v_set(1.0f - *sink);
#pragma clang loop unroll(full)
  for (int i = 0; i < CHAINS; i++) acc[i] = v_set((float)i);
#pragma clang loop unroll(disable)
  for (int64_t r = 0; r < rounds; r++)
#pragma clang loop unroll(full)
    for (int i = 0; i < CHAINS; i++) acc[i] = acc[i] * a + b;
  vf sum = {0};
#pragma clang loop unroll(full)
  for (int i = 0; i < CHAINS; i++) sum += acc[i];
  *sink = v_sum(sum);
  return rounds * CHAINS * CK_WIDTH * 2;
}

// Reads `floats` in four streams at once, which is how the prefetchers do best, and writes half as many: the mix of a
// training step, where a tensor written once is read about twice. Returns the bytes moved.
static int64_t ck_stream_loop(const float *source, float *target, int64_t floats) {
  const int64_t quarter = floats / 4 / (4 * CK_WIDTH) * (4 * CK_WIDTH);
  for (int64_t i = 0; i < quarter; i += CK_WIDTH) {
    const vf a = v_load(source + i) + v_load(source + quarter + i);
    const vf b = v_load(source + 2 * quarter + i) + v_load(source + 3 * quarter + i);
    v_store(target + i, a);
    v_store(target + quarter + i, b);
  }
  return 6 * quarter * (int64_t)sizeof(float);
}
