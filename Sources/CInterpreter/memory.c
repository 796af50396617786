// Address space for linear memories: reserved whole, backed by pages of zeros only where it is touched.
#include "interpreter.h"
#include <sys/mman.h>

vm_memory vm_memory_reserve(uint64_t size, uint64_t capacity) {
    vm_memory memory = {NULL, size, capacity};
    if (capacity == 0) capacity = 1;
    void *base = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) return memory;
    // A page of two megabytes would be cleared whole at the first touch, and its contract has paid for 64 KiB. A kernel without such pages
    // refuses the wish, and needs none.
    madvise(base, capacity, MADV_NOHUGEPAGE);
    memory.base = base;
    return memory;
}

void vm_memory_release(vm_memory memory) {
    if (memory.base) munmap(memory.base, memory.capacity ? memory.capacity : 1);
}
