// Softmax cross-entropy of one image against soft targets. A logit that is not finite gives a loss that is not: nothing here
// clamps it away.

static void ck_cross_entropy_image(const ck_cross_entropy *p, int64_t image) {
  const int classes = p->classes;
  const float *logits = p->logits + image * classes, *targets = p->targets + image * classes;
  int best = 0;
  for (int c = 1; c < classes; c++)
    if (logits[c] > logits[best]) best = c;
  p->predictions[image] = best;

  const float largest = v_largest_of(logits, classes), weight = p->weights[image];
  vf exponentials = {0}, total = {0};
  for (int c = 0; c < classes; c += CK_WIDTH) {
    exponentials += v_keep_n(v_exp(v_load(logits + c) - largest), classes - c);
    total += v_keep_n(v_load(targets + c), classes - c);
  }
  const float sum = v_sum(exponentials), log_sum = logf(sum);
  vf loss = {0};
  for (int c = 0; c < classes; c += CK_WIDTH)
    loss += v_keep_n(v_load(targets + c) * (log_sum - (v_load(logits + c) - largest)), classes - c);
  p->losses[image] = weight * v_sum(loss);

  if (!p->gradient) return;
  float *gradient = p->gradient + image * classes;
  const float factor = weight / p->normalizer, share = v_sum(total) / sum;
  for (int c = 0; c < classes; c += CK_WIDTH)
    v_store_n(gradient + c, factor * (v_exp(v_load(logits + c) - largest) * share - v_load(targets + c)), classes - c);
}
