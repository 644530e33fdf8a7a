// The parameters' updates over one range, as PyTorch's SGD and AdamW define them.

static void ck_sgd_range(const ck_sgd *p) {
  for (int64_t i = 0; i < p->count; i += CK_WIDTH) {
    const int left = (int)ck_smaller(CK_WIDTH, p->count - i);
    const vf value = v_load(p->values + i);
    vf step = v_load(p->gradient + i) + p->decay * value;
    if (p->velocity) {
      step += p->momentum * v_load(p->velocity + i);
      v_store_n(p->velocity + i, step, left);
    }
    v_store_n(p->values + i, value - p->learning_rate * step, left);
  }
}

static void ck_adamw_range(const ck_adamw *p) {
  const float kept = 1.0f - p->learning_rate * p->decay, rate = p->learning_rate / p->first_correction;
  for (int64_t i = 0; i < p->count; i += CK_WIDTH) {
    const int left = (int)ck_smaller(CK_WIDTH, p->count - i);
    const vf g = v_load(p->gradient + i);
    const vf first = p->beta1 * v_load(p->first + i) + (1.0f - p->beta1) * g;
    const vf second = p->beta2 * v_load(p->second + i) + (1.0f - p->beta2) * (g * g);
    const vf deviation = __builtin_elementwise_sqrt(second / p->second_correction) + p->epsilon;
    v_store_n(p->first + i, first, left);
    v_store_n(p->second + i, second, left);
    v_store_n(p->values + i, kept * v_load(p->values + i) - rate * (first / deviation), left);
  }
}
