// SPDX-License-Identifier: MIT
#pragma once

// A pthread mutex on the heap: ThreadSanitizer supports it, but not Swift's own Mutex.
struct cdrm_lock;

struct cdrm_lock *_Nonnull cdrm_lock_create(void);
void cdrm_lock_destroy(struct cdrm_lock *_Nonnull lock);
void cdrm_lock_acquire(struct cdrm_lock *_Nonnull lock);
void cdrm_lock_release(struct cdrm_lock *_Nonnull lock);
