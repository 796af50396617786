//! contract counter: Counts, for everybody together and for each caller.
//! call increment(by: u64) -> u64: Adds to the count and returns it.
//! view count() -> u64: The count.
//! view count_of(account: address) -> u64: What an account has added.
//! error 101 nothing_added: The amount to add is zero. | Add at least one.
//! error 102 count_full: The count would pass its limit. | Add less.
//! event Incremented(by: u64, count: u64): The count has grown.
//! store 0 total -> u64: The count.
//! store 1 shares(address) -> u64: What each account has added.
#include "contract.h"

uint64_t increment(uint64_t by) {
    if (by == 0) trellis_refuse(error_nothing_added);
    uint64_t count = total_get();
    if (count > UINT64_MAX - by) trellis_refuse(error_count_full);
    // No overflow: a share is a part of the count.
    trellis_address caller = trellis_caller();
    shares_set(caller, shares_get(caller) + by);
    total_set(count + by);
    emit_Incremented(by, count + by);
    return count + by;
}

uint64_t count(void) { return total_get(); }

uint64_t count_of(trellis_address account) { return shares_get(account); }
