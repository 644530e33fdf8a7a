#ifndef EXHAUSTION_H
#define EXHAUSTION_H

#include <stdbool.h>
#include <stddef.h>

bool exhaustion_is_armed(void);
/// An allocation of this thread succeeded.
void exhaustion_granted(void);
/// Restores the terminal and ends the process with a sentence. Callable inside malloc and with any lock held.
_Noreturn void exhaustion_end_for_memory(size_t bytes);
_Noreturn void exhaustion_end_for_threads(void);

#endif
