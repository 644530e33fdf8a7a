#ifndef CPROCESS_H
#define CPROCESS_H

#include <stdbool.h>
#include <stddef.h>

// What happens when the system gives this process no more memory or threads. Must be C: it replaces functions of the C library
// and runs in signal handlers.

/// From now on a lack of memory or threads that nobody handles ends the process with one sentence on standard error and exit
/// code 70: a trap that follows a refused allocation, a refused allocation so small that nothing can go on without it, and a
/// thread that cannot be started (libraries retry or wait for it forever). All other traps stay what they are. Where addresses are
/// limited, threads take fewer of them from now on. To be called before there are other threads.
void cprocess_report_exhaustion(void);

/// The sentence's last part from now on, e.g. where the last checkpoint is; cut to 4 KB. Callable from any thread.
void cprocess_set_advice(const char *advice);

/// Notes that the system refused `bytes` to this thread by another way than malloc; a trap that follows is reported as such.
void cprocess_memory_refused(size_t bytes);

/// While `expected`, a thread that this thread cannot start is the caller's to handle.
void cprocess_expect_thread_refusal(bool expected);

#endif
