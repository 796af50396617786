// What a contract can ask of a Trellis network, and how values are encoded.
//
// The functions below are imports from the host, see the table of the room ContractVM; everything else here is plain C on top of them.
// A contract includes contract.h, which `trellis contract build` makes from the declarations in its source and which includes this file.
#ifndef TRELLIS_H
#define TRELLIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ── Values ──

typedef unsigned __int128 trellis_amount;
typedef struct { uint8_t bytes[20]; } trellis_address;
typedef struct { uint8_t bytes[32]; } trellis_digest;
typedef struct { uint8_t bytes[64]; } trellis_signature;
typedef struct { uint8_t bytes[80]; } trellis_proof;
// Bytes or UTF-8 text somewhere in memory, which the value does not own.
typedef struct { const uint8_t *start; uint32_t count; } trellis_bytes;

// ── The host ──

#define TRELLIS_HOST(name) __attribute__((import_module("trellis"), import_name(name)))

TRELLIS_HOST("method_read") uint32_t trellis_host_method(void *to, uint32_t capacity);
TRELLIS_HOST("input_read") uint32_t trellis_host_input(void *to, uint32_t offset, uint32_t capacity);
TRELLIS_HOST("output") void trellis_host_output(const void *bytes, uint32_t count);
TRELLIS_HOST("revert") _Noreturn void trellis_host_revert(uint32_t code, const void *text, uint32_t count);
TRELLIS_HOST("caller") void trellis_host_caller(void *address);
TRELLIS_HOST("self_addr") void trellis_host_self(void *address);
TRELLIS_HOST("origin") void trellis_host_origin(void *address);
TRELLIS_HOST("value") void trellis_host_value(void *amount);
TRELLIS_HOST("chain_id") void trellis_host_chain(void *digest);
TRELLIS_HOST("height") uint64_t trellis_height(void);
// Milliseconds since 1970, as the validators agreed on them for this block.
TRELLIS_HOST("block_time") uint64_t trellis_time(void);
TRELLIS_HOST("epoch") uint64_t trellis_epoch(void);
TRELLIS_HOST("gas_left") uint64_t trellis_gas_left(void);
// The length of the value, of which at most `capacity` bytes are copied; TRELLIS_ABSENT when there is none.
TRELLIS_HOST("storage_read") uint32_t trellis_host_read(const void *key, uint32_t key_count, void *to, uint32_t capacity);
TRELLIS_HOST("storage_write") void trellis_host_write(const void *key, uint32_t key_count, const void *value, uint32_t count);
TRELLIS_HOST("storage_remove") void trellis_host_remove(const void *key, uint32_t key_count);
TRELLIS_HOST("storage_has") uint32_t trellis_host_has(const void *key, uint32_t key_count);
// A walk over the contract's keys with a prefix: from `start` on or, backwards, below it.
TRELLIS_HOST("iter_open") uint32_t trellis_iterator_open(const void *prefix, uint32_t prefix_count, const void *start, uint32_t start_count, uint32_t backwards);
// The lengths of key and value in the two halves; all bits set at the end.
TRELLIS_HOST("iter_next") uint64_t trellis_iterator_next(uint32_t iterator, void *key, uint32_t key_capacity, void *value, uint32_t value_capacity);
TRELLIS_HOST("iter_close") void trellis_iterator_close(uint32_t iterator);
TRELLIS_HOST("emit") void trellis_host_emit(const void *name, uint32_t name_count, const void *data, uint32_t count);
TRELLIS_HOST("balance") void trellis_host_balance(const void *address, void *amount);
TRELLIS_HOST("transfer") uint32_t trellis_host_transfer(const void *address, const void *amount);
TRELLIS_HOST("call") uint32_t trellis_host_call(
    const void *address, const void *method, uint32_t method_count, const void *arguments, uint32_t count, const void *amount, uint64_t gas, uint32_t flags);
TRELLIS_HOST("ret_read") uint32_t trellis_host_returned(void *to, uint32_t offset, uint32_t capacity);
// The code with which the last callee failed; 0 when it did not.
TRELLIS_HOST("ret_code") uint32_t trellis_returned_code(void);
// Randomness: asked for now, drawn once the beacon of a later block is there. Close a number to use it again.
TRELLIS_HOST("draw_request") void trellis_draw_request(uint64_t number);
TRELLIS_HOST("draw") uint32_t trellis_host_draw(uint64_t number, void *beacon);
TRELLIS_HOST("draw_close") void trellis_draw_close(uint64_t number);
TRELLIS_HOST("sha256") void trellis_host_sha256(const void *bytes, uint32_t count, void *digest);
TRELLIS_HOST("ed25519_verify") uint32_t trellis_host_ed25519(const void *key, const void *signature, const void *bytes, uint32_t count);
TRELLIS_HOST("vrf_verify") uint32_t trellis_host_vrf(const void *key, const void *proof, const void *bytes, uint32_t count, void *output);
// Does nothing on a network; `trellis contract test` shows the text in a trace.
TRELLIS_HOST("debug") void trellis_host_debug(const void *text, uint32_t count);

#define TRELLIS_ABSENT UINT32_MAX

// ── The call ──

static inline trellis_address trellis_caller(void) { trellis_address it; trellis_host_caller(&it); return it; }
static inline trellis_address trellis_self(void) { trellis_address it; trellis_host_self(&it); return it; }
static inline trellis_address trellis_origin(void) { trellis_address it; trellis_host_origin(&it); return it; }
// What came with the call; it is in the contract's balance already.
static inline trellis_amount trellis_value(void) { trellis_amount it; trellis_host_value(&it); return it; }
static inline trellis_amount trellis_balance(trellis_address of) { trellis_amount it; trellis_host_balance(&of, &it); return it; }
// Pays from the contract's balance. 0, or the code of a refusal, as when the balance is too low.
static inline uint32_t trellis_transfer(trellis_address to, trellis_amount amount) { return trellis_host_transfer(&to, &amount); }
static inline trellis_digest trellis_sha256(const void *bytes, uint32_t count) { trellis_digest it; trellis_host_sha256(bytes, count, &it); return it; }

static inline uint32_t trellis_text_count(const char *text) { return (uint32_t)__builtin_strlen(text); }
static inline void trellis_debug(const char *text) { trellis_host_debug(text, trellis_text_count(text)); }
// Ends the call: nothing of what it did stays. The schema has text and hint for the code.
static inline _Noreturn void trellis_refuse(uint32_t code) { trellis_host_revert(code, "", 0); }
static inline _Noreturn void trellis_refuse_because(uint32_t code, const char *text) { trellis_host_revert(code, text, trellis_text_count(text)); }

static inline bool trellis_equal(const void *one, const void *other, uint32_t count) {
    const uint8_t *left = one, *right = other;
    for (uint32_t index = 0; index < count; index += 1) if (left[index] != right[index]) return false;
    return true;
}
static inline bool trellis_same_bytes(trellis_bytes one, trellis_bytes other) { return one.count == other.count && trellis_equal(one.start, other.start, one.count); }
static inline bool trellis_same(trellis_address one, trellis_address other) { return trellis_equal(&one, &other, sizeof one); }

// ── Encoding: Binary Canonical Serialization ──

typedef struct { uint8_t *start; uint32_t count; } trellis_writer;
typedef struct { const uint8_t *next; uint32_t left; } trellis_reader;

static inline void trellis_put(trellis_writer *to, const void *bytes, uint32_t count) {
    __builtin_memcpy(to->start + to->count, bytes, count);
    to->count += count;
}
static inline void trellis_put_length(trellis_writer *to, uint32_t length) {
    do {
        uint8_t byte = (length & 0x7f) | (length > 0x7f ? 0x80 : 0);
        trellis_put(to, &byte, 1);
        length >>= 7;
    } while (length > 0);
}

// What every contract of the kit answers to values that are not what its schema says.
enum { trellis_arguments_malformed = 100 };

static inline void trellis_require(bool condition) { if (!condition) trellis_refuse(trellis_arguments_malformed); }
// Refuses what is longer than `most`: there is room for so much and no more.
static inline void trellis_put_bytes(trellis_writer *to, trellis_bytes value, uint32_t most) {
    trellis_require(value.count <= most);
    trellis_put_length(to, value.count);
    trellis_put(to, value.start, value.count);
}
static inline void trellis_take(trellis_reader *from, void *to, uint32_t count) {
    trellis_require(from->left >= count);
    __builtin_memcpy(to, from->next, count);
    from->next += count;
    from->left -= count;
}
static inline bool trellis_take_bool(trellis_reader *from) {
    uint8_t byte;
    trellis_take(from, &byte, 1);
    trellis_require(byte < 2);
    return byte == 1;
}
static inline uint32_t trellis_take_length(trellis_reader *from, uint32_t most) {
    uint32_t length = 0;
    for (uint32_t shift = 0; shift < 32; shift += 7) {
        uint8_t byte;
        trellis_take(from, &byte, 1);
        // The shortest form alone: no empty last byte, and no bits beyond 32.
        trellis_require((byte != 0 || shift == 0) && (shift < 28 || byte < 0x10));
        length |= (uint32_t)(byte & 0x7f) << shift;
        if (byte < 0x80) break;
    }
    trellis_require(length <= most);
    return length;
}
static inline trellis_bytes trellis_take_bytes(trellis_reader *from, uint32_t most) {
    uint32_t count = trellis_take_length(from, most);
    trellis_require(from->left >= count);
    trellis_bytes value = {from->next, count};
    from->next += count;
    from->left -= count;
    return value;
}
static inline bool trellis_is_utf8(trellis_bytes text) {
    for (uint32_t index = 0; index < text.count;) {
        uint8_t first = text.start[index];
        uint32_t more = first < 0x80 ? 0 : first < 0xc2 ? 4 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 4;
        if (more > 3 || more >= text.count - index) return false;
        for (uint32_t place = 1; place <= more; place += 1) if ((text.start[index + place] & 0xc0) != 0x80) return false;
        uint8_t second = more ? text.start[index + 1] : 0;
        if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) || (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return false;
        index += more + 1;
    }
    return true;
}
static inline trellis_bytes trellis_take_text(trellis_reader *from, uint32_t most) {
    trellis_bytes text = trellis_take_bytes(from, most);
    trellis_require(trellis_is_utf8(text));
    return text;
}
static inline void trellis_take_end(trellis_reader *from) { trellis_require(from->left == 0); }

// Numbers in keys stand with their most significant byte first, so that keys sort as numbers do.
static inline void trellis_put_key(trellis_writer *to, const void *number, uint32_t count) {
    const uint8_t *bytes = number;
    while (count > 0) trellis_put(to, bytes + --count, 1);
}

// ── Other contracts ──

typedef enum { trellis_succeeded, trellis_reverted, trellis_trapped, trellis_out_of_gas } trellis_outcome;
enum { trellis_read_only = 1, trellis_pass_failure = 2 };

// The address of a contract of the protocol, as "accounts" or "identity".
static inline trellis_address trellis_built_in(const char *name) {
    trellis_address address = {{0}};
    for (uint32_t index = 0; index < sizeof address.bytes && name[index]; index += 1) address.bytes[index] = (uint8_t)name[index];
    return address;
}
// Calls with all the gas that may be passed on. What the callee returned, or the text of its failure, is read with trellis_returned.
static inline trellis_outcome trellis_call(trellis_address contract, const char *method, trellis_bytes arguments, trellis_amount value, uint32_t flags) {
    return (trellis_outcome)trellis_host_call(&contract, method, trellis_text_count(method), arguments.start, arguments.count, &value, UINT64_MAX, flags);
}
// The length of what was returned, of which at most `capacity` bytes are copied.
static inline uint32_t trellis_returned(void *to, uint32_t capacity) { return trellis_host_returned(to, 0, capacity); }

#endif
