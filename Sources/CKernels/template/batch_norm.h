// Batch norm between the kernels: O(channels * chunks), in double, in chunk order.

// Channels that are combined side by side, so that divisions and conversions are whole vectors.
enum { CK_COMBINED = 16 };

// Chan, Golub and LeVeque's combination of the chunks' means and squared deviations.
static void ck_combine_moments(const ck_moments *p) {
  for (int c = 0; c < p->channels; c += CK_COMBINED) {
    double count = 0, mean[CK_COMBINED] = {0}, deviation[CK_COMBINED] = {0};
    for (int i = 0; i < p->chunks; i++) {
      const float *const pivots = p->partials + (int64_t)i * 3 * p->partial_pitch + c;
      const float *const sums = pivots + p->partial_pitch, *const squares = sums + p->partial_pitch;
      const double n = (double)p->counts[i], share = 1 / n, total = count + n, step = n / total, spread = count * step;
      for (int j = 0; j < CK_COMBINED; j++) {
        const double sum = (double)sums[j], delta = (double)pivots[j] + sum * share - mean[j];
        const double chunk_deviation = (double)squares[j] - sum * sum * share;
        mean[j] += delta * step;
        deviation[j] += (chunk_deviation < 0 ? 0 : chunk_deviation) + delta * delta * spread; // rounding; a NaN stays
      }
      count = total;
    }
    for (int j = 0; j < CK_COMBINED && c + j < p->channels; j++) {
      p->totals[c + j] = mean[j];
      p->totals[p->channels + c + j] = deviation[j];
    }
  }
}

static void ck_combine_sums(const ck_sums *p) {
  for (int s = 0; s < 2; s++)
    for (int c = 0; c < p->channels; c++) {
      double sum = 0;
      for (int i = 0; i < p->chunks; i++) sum += (double)p->partials[((int64_t)i * 2 + s) * p->partial_pitch + c];
      p->totals[s * p->channels + c] = sum;
    }
}

static void ck_batch_norm_forward_all(const ck_batch_norm_forward *p) {
  const double keep = 1.0 - (double)p->momentum, rows = (double)p->rows;
  for (int c = 0; c < p->channels; c++) {
    const double mean = p->totals ? p->totals[c] : (double)p->running_mean[c];
    const double variance = p->totals ? p->totals[p->channels + c] / rows : (double)p->running_variance[c];
    const double inverse = 1.0 / sqrt(variance + (double)p->epsilon), scale = inverse * (double)p->weight[c];
    p->mean[c] = (float)mean;
    p->inverse_deviation[c] = (float)inverse;
    p->scale[c] = (float)scale;
    p->shift[c] = (float)((double)p->bias[c] - mean * scale);
    if (!p->totals) continue;
    // A single value has no unbiased variance; its biased one, zero, stands in.
    const double kept = p->unbiased && p->rows > 1 ? p->totals[p->channels + c] / (rows - 1) : variance;
    p->running_mean[c] = (float)(keep * (double)p->running_mean[c] + (double)p->momentum * mean);
    p->running_variance[c] = (float)(keep * (double)p->running_variance[c] + (double)p->momentum * kept);
  }
}

// dz = weight / deviation * (dy - mean(dy) - xhat mean(dy xhat)), written as a * dy + b * z + c.
static void ck_batch_norm_backward_all(const ck_batch_norm_backward *p) {
  for (int c = 0; c < p->channels; c++) {
    const double inverse = p->inverse_deviation[c], mean = p->mean[c], a = (double)p->weight[c] * inverse;
    const double sum = p->totals[c], product = p->totals[p->channels + c] * inverse; // sum(dy), sum(dy xhat)
    const double b = p->frozen ? 0 : -a * product / (double)p->rows * inverse;
    p->a[c] = (float)a;
    p->b[c] = (float)b;
    p->c[c] = p->frozen ? 0.0f : (float)(-a * sum / (double)p->rows - b * mean);
    if (p->weight_gradient) p->weight_gradient[c] = (p->accumulate ? p->weight_gradient[c] : 0.0f) + (float)(product * p->gradient_share);
    if (p->bias_gradient) p->bias_gradient[c] = (p->accumulate ? p->bias_gradient[c] : 0.0f) + (float)(sum * p->gradient_share);
  }
}
