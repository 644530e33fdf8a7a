#ifndef EXHAUSTION_H
#define EXHAUSTION_H

#include <stdbool.h>
#include <stddef.h>

bool exhaustion_is_armed(void);
/// An allocation of this thread succeeded.
void exhaustion_granted(void);
/// Ends the process with a sentence. Callable from signal handlers.
_Noreturn void exhaustion_end(const char *what);
_Noreturn void exhaustion_end_for_memory(size_t bytes);

#endif
