// What compiled C and Swift expect to find and a contract has no library for. Only what is used becomes part of a contract.
#include <stddef.h>
#include <stdint.h>

// ── Memory: the machine's bulk instructions ──

void *memcpy(void *to, const void *from, size_t count) { return __builtin_memcpy(to, from, count); }
void *memmove(void *to, const void *from, size_t count) { return __builtin_memmove(to, from, count); }
void *memset(void *to, int byte, size_t count) { return __builtin_memset(to, byte, count); }
int memcmp(const void *one, const void *other, size_t count) {
    const unsigned char *left = one, *right = other;
    for (size_t index = 0; index < count; index += 1) if (left[index] != right[index]) return left[index] - right[index];
    return 0;
}
size_t strlen(const char *text) {
    size_t count = 0;
    while (text[count]) count += 1;
    return count;
}

// ── Allocation: forward only, as every call begins with fresh memory ──

extern unsigned char __heap_base;
static uintptr_t top;

void *malloc(size_t count) {
    if (!top) top = (uintptr_t)&__heap_base;
    uintptr_t start = (top + 15) & ~(uintptr_t)15, end = start + count, size = (uintptr_t)__builtin_wasm_memory_size(0) << 16;
    if (end < start) __builtin_trap();
    if (end > size && __builtin_wasm_memory_grow(0, (end - size + 65535) >> 16) == (size_t)-1) __builtin_trap();
    top = end;
    return (void *)start;
}
int posix_memalign(void **result, size_t alignment, size_t count) {
    // Nothing asks for more than 16.
    if (alignment > 16) __builtin_trap();
    *result = malloc(count);
    return 0;
}
void free(void *block) { (void)block; }

// ── Integers of 128 bits ──

typedef unsigned __int128 wide;
static inline wide join(uint64_t high, uint64_t low) { return (wide)high << 64 | low; }

wide __ashlti3(wide value, int count) {
    uint64_t high = value >> 64, low = (uint64_t)value;
    if (count == 0) return value;
    return count >= 64 ? join(low << (count - 64), 0) : join(high << count | low >> (64 - count), low << count);
}
wide __lshrti3(wide value, int count) {
    uint64_t high = value >> 64, low = (uint64_t)value;
    if (count == 0) return value;
    return count >= 64 ? join(0, high >> (count - 64)) : join(high >> count, low >> count | high << (64 - count));
}
wide __multi3(wide one, wide other) {
    uint64_t a = (uint64_t)one, b = (uint64_t)other, mask = 0xffffffff;
    uint64_t low = (a & mask) * (b & mask), middle = (a >> 32) * (b & mask) + (low >> 32), cross = (a & mask) * (b >> 32) + (middle & mask);
    uint64_t high = (a >> 32) * (b >> 32) + (middle >> 32) + (cross >> 32);
    return join(high + (uint64_t)(one >> 64) * b + a * (uint64_t)(other >> 64), cross << 32 | (low & mask));
}
static wide divide(wide value, wide by, wide *rest) {
    if (by == 0) __builtin_trap();
    if (value >> 64 == 0 && by >> 64 == 0) {
        *rest = (uint64_t)value % (uint64_t)by;
        return (uint64_t)value / (uint64_t)by;
    }
    wide quotient = 0, left = 0;
    for (int bit = 0; bit < 128; bit += 1) {
        uint64_t carry = (uint64_t)(left >> 64) >> 63;
        left = left << 1 | (uint64_t)(value >> 64) >> 63;
        value <<= 1;
        quotient <<= 1;
        if (carry || left >= by) {
            left -= by;
            quotient |= 1;
        }
    }
    *rest = left;
    return quotient;
}
wide __udivti3(wide value, wide by) { wide rest; return divide(value, by, &rest); }
wide __umodti3(wide value, wide by) { wide rest; divide(value, by, &rest); return rest; }
