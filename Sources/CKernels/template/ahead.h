// Memory fetched ahead: while a block or a row is worked on in cache, the lines of the next one are asked for, a few at a time.
// A block's loading and storing would otherwise wait for memory while the multipliers rest, and the other way about.

enum { CK_AHEAD_RANGES = 10, CK_LINE = 64 };

typedef struct {
  const char *at[CK_AHEAD_RANGES], *end[CK_AHEAD_RANGES];
  int8_t writes[CK_AHEAD_RANGES];
  int count, current;
  int64_t lines;
  int per_tile, owed; // lines a tile, and those that the one at hand has not asked for itself
} ck_ahead;

INLINE void ck_ahead_add(ck_ahead *a, const float *begin, int64_t floats, int writes) {
  if (!begin || floats <= 0 || a->count == CK_AHEAD_RANGES) return;
  a->at[a->count] = (const char *)begin;
  a->end[a->count] = (const char *)(begin + floats);
  a->writes[a->count] = (int8_t)writes;
  a->lines += floats * (int64_t)sizeof(float) / CK_LINE + 1;
  a->count++;
}
INLINE void ck_ahead_term(ck_ahead *a, const ck_term *t, int64_t row, int64_t rows) {
  if (t->data) ck_ahead_add(a, t->data + row * t->stride, rows * t->stride, 0);
}
static void ck_ahead_source(ck_ahead *a, const ck_source *s, int64_t row, int64_t rows) {
  for (int i = 0; i < s->count; i++) {
    ck_ahead_term(a, &s->segments[i].term, row, rows);
    ck_ahead_term(a, &s->segments[i].residual, row, rows);
    if (s->segments[i].sum) ck_ahead_add(a, s->segments[i].sum + row * s->segments[i].channels, rows * s->segments[i].channels, 1);
  }
}
static void ck_ahead_upstream(ck_ahead *a, const ck_upstream *u, int64_t row, int64_t rows) {
  ck_ahead_add(a, u->gradient + row * u->channels, rows * u->channels, 0);
  if (u->raw) ck_ahead_add(a, u->raw + row * u->channels, rows * u->channels, 0);
}
static void ck_ahead_sink(ck_ahead *a, const ck_sink *k, int64_t row, int64_t rows) {
  for (int i = 0; i < k->count; i++) {
    const ck_sink_segment *g = &k->segments[i];
    if (g->gradient && !g->stream) ck_ahead_add(a, g->gradient + row * g->channels, rows * g->channels, 1);
  }
}
static void ck_ahead_output(ck_ahead *a, const ck_output *o, int64_t row, int64_t rows) {
  if (!o->stream) ck_ahead_add(a, o->data + row * o->channels, rows * o->channels, 1);
  if (o->residual) ck_ahead_add(a, o->residual + row * o->channels, rows * o->channels, 0);
}
// Spreads what was added over so many calls of ck_ahead_some.
INLINE void ck_ahead_spread(ck_ahead *a, int64_t calls) { a->owed = a->per_tile = (int)((a->lines + calls - 1) / (calls > 0 ? calls : 1)); }

INLINE void ck_ahead_some(ck_ahead *a) {
  if (!a) return;
  const int lines = a->owed;
  a->owed = a->per_tile;
  for (int n = lines; n > 0 && a->current < a->count; n--) {
    const char *line = a->at[a->current];
    if (a->writes[a->current]) __builtin_prefetch(line, 1, 2);
    else __builtin_prefetch(line, 0, 2);
    a->at[a->current] = line + CK_LINE;
    if (line + CK_LINE >= a->end[a->current]) a->current++;
  }
}

// Lines for a loop to ask for itself, one an iteration: from `at` on, `step` bytes apart.
typedef struct {
  const char *at;
  int64_t step;
} ck_ahead_run;

// A share of the first range's lines, for a loop of so many rounds to ask for; to be called before ck_ahead_spread, which spreads
// what is left.
INLINE ck_ahead_run ck_ahead_share(ck_ahead *a, int64_t rounds, float share) {
  if (a->current >= a->count || rounds <= 0) return (ck_ahead_run){0, 0}; // none
  const int64_t step = ck_smaller(CK_LINE, (int64_t)(share * (float)(a->end[a->current] - a->at[a->current]) / (float)rounds));
  const ck_ahead_run run = {a->at[a->current], step};
  a->at[a->current] += step * rounds;
  a->lines -= step * rounds / CK_LINE;
  if (a->at[a->current] >= a->end[a->current]) a->current++;
  return run;
}

// The share of a tile of `depth` iterations is taken from the lines to read; `otherwise` is an address that may be fetched.
INLINE ck_ahead_run ck_ahead_take(ck_ahead *a, int depth, const char *otherwise) {
  if (!a || a->current >= a->count || a->writes[a->current]) return (ck_ahead_run){otherwise, 0};
  const int64_t wanted = (int64_t)a->per_tile * CK_LINE, step = wanted / depth < CK_LINE ? wanted / depth : CK_LINE;
  const ck_ahead_run run = {a->at[a->current], step};
  a->at[a->current] += step * depth;
  a->owed = a->per_tile - (int)(step * depth / CK_LINE);
  if (a->at[a->current] >= a->end[a->current]) a->current++;
  return run;
}
