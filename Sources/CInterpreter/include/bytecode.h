// The register bytecode, defined once: these lists make the instruction numbers that the translator in Swift writes and the
// handlers that the core in C runs. It is internal: gas, depth and every result are defined on WebAssembly's own operators,
// so this file may change from one version of the program to the next without anybody being able to tell.
//
// A word has 64 bits. An instruction is the address of its handler, one word of operands, and further words where noted.
// `a`, `b`, `c`, `d` are 16-bit fields, usually numbers of slots in the frame; `immediate` is the upper half of the word,
// sign-extended. A slot holds an i64, or an i32 with a zero upper half.
#ifndef TRELLIS_BYTECODE_H
#define TRELLIS_BYTECODE_H

// name(type of the operands, result): a ← b ∘ c; `name_i`: a ← b ∘ immediate. In expressions l and r are the operands.
#define VM_ARITHMETIC(X)                                                                                                \
    X(add32, uint32_t, l + r)                                                                                           \
    X(sub32, uint32_t, l - r)                                                                                           \
    X(mul32, uint32_t, l * r)                                                                                           \
    X(and32, uint32_t, l & r)                                                                                           \
    X(or32, uint32_t, l | r)                                                                                            \
    X(xor32, uint32_t, l ^ r)                                                                                           \
    X(shl32, uint32_t, l << (r & 31))                                                                                   \
    X(shr_s32, uint32_t, (uint32_t)((int32_t)l >> (r & 31)))                                                            \
    X(shr_u32, uint32_t, l >> (r & 31))                                                                                 \
    X(rotl32, uint32_t, l << (r & 31) | l >> (-r & 31))                                                                 \
    X(rotr32, uint32_t, l >> (r & 31) | l << (-r & 31))                                                                 \
    X(add64, uint64_t, l + r)                                                                                           \
    X(sub64, uint64_t, l - r)                                                                                           \
    X(mul64, uint64_t, l * r)                                                                                           \
    X(and64, uint64_t, l & r)                                                                                           \
    X(or64, uint64_t, l | r)                                                                                            \
    X(xor64, uint64_t, l ^ r)                                                                                           \
    X(shl64, uint64_t, l << (r & 63))                                                                                   \
    X(shr_s64, uint64_t, (uint64_t)((int64_t)l >> (r & 63)))                                                            \
    X(shr_u64, uint64_t, l >> (r & 63))                                                                                 \
    X(rotl64, uint64_t, l << (r & 63) | l >> (-r & 63))                                                                 \
    X(rotr64, uint64_t, l >> (r & 63) | l << (-r & 63))

// Like the above; traps when r is zero, and with integer overflow when `overflow` holds.
#define VM_DIVISION(X)                                                                                                  \
    X(div_s32, uint32_t, l == 0x80000000u && r == 0xffffffffu, (uint32_t)((int32_t)l / (int32_t)r))                     \
    X(div_u32, uint32_t, 0, l / r)                                                                                      \
    X(rem_s32, uint32_t, 0, r == 0xffffffffu ? 0 : (uint32_t)((int32_t)l % (int32_t)r))                                 \
    X(rem_u32, uint32_t, 0, l % r)                                                                                      \
    X(div_s64, uint64_t, l == 1ull << 63 && r == ~0ull, (uint64_t)((int64_t)l / (int64_t)r))                            \
    X(div_u64, uint64_t, 0, l / r)                                                                                      \
    X(rem_s64, uint64_t, 0, r == ~0ull ? 0 : (uint64_t)((int64_t)l % (int64_t)r))                                       \
    X(rem_u64, uint64_t, 0, l % r)

// name, name_i: a ← b ∘ c, 0 or 1. br_name, br_name_i: goes to the target when a ∘ b, or a ∘ immediate; two more words:
// {displacement, gas when taken}, {gas when not taken}.
#define VM_COMPARISON(X)                                                                                                \
    X(eq32, uint32_t, l == r)                                                                                           \
    X(ne32, uint32_t, l != r)                                                                                           \
    X(lt_s32, int32_t, l < r)                                                                                           \
    X(lt_u32, uint32_t, l < r)                                                                                          \
    X(gt_s32, int32_t, l > r)                                                                                           \
    X(gt_u32, uint32_t, l > r)                                                                                          \
    X(le_s32, int32_t, l <= r)                                                                                          \
    X(le_u32, uint32_t, l <= r)                                                                                         \
    X(ge_s32, int32_t, l >= r)                                                                                          \
    X(ge_u32, uint32_t, l >= r)                                                                                         \
    X(eq64, uint64_t, l == r)                                                                                           \
    X(ne64, uint64_t, l != r)                                                                                           \
    X(lt_s64, int64_t, l < r)                                                                                           \
    X(lt_u64, uint64_t, l < r)                                                                                          \
    X(gt_s64, int64_t, l > r)                                                                                           \
    X(gt_u64, uint64_t, l > r)                                                                                          \
    X(le_s64, int64_t, l <= r)                                                                                          \
    X(le_u64, uint64_t, l <= r)                                                                                         \
    X(ge_s64, int64_t, l >= r)                                                                                          \
    X(ge_u64, uint64_t, l >= r)

// a ← f(b), where v is b.
#define VM_UNARY(X)                                                                                                     \
    X(clz32, uint32_t, v ? (uint32_t)__builtin_clz(v) : 32)                                                             \
    X(ctz32, uint32_t, v ? (uint32_t)__builtin_ctz(v) : 32)                                                             \
    X(popcnt32, uint32_t, (uint32_t)__builtin_popcount(v))                                                              \
    X(extend8_s32, uint32_t, (uint32_t)(int8_t)v)                                                                       \
    X(extend16_s32, uint32_t, (uint32_t)(int16_t)v)                                                                     \
    X(clz64, uint64_t, v ? (uint64_t)__builtin_clzll(v) : 64)                                                           \
    X(ctz64, uint64_t, v ? (uint64_t)__builtin_ctzll(v) : 64)                                                           \
    X(popcnt64, uint64_t, (uint64_t)__builtin_popcountll(v))                                                            \
    X(extend8_s64, uint64_t, (uint64_t)(int8_t)v)                                                                       \
    X(extend16_s64, uint64_t, (uint64_t)(int16_t)v)                                                                     \
    X(extend32_s64, uint64_t, (uint64_t)(int32_t)v)                                                                     \
    X(wrap64, uint64_t, (uint32_t)v)

// name(type in memory, type it is extended to): a ← memory[b + immediate]; `name_at`: a ← memory[immediate]. Immediates are unsigned.
#define VM_LOAD(X)                                                                                                      \
    X(load8_u, uint8_t, uint64_t)                                                                                       \
    X(load16_u, uint16_t, uint64_t)                                                                                     \
    X(load32_u, uint32_t, uint64_t)                                                                                     \
    X(load64, uint64_t, uint64_t)                                                                                       \
    X(load8_s32, int8_t, uint32_t)                                                                                      \
    X(load16_s32, int16_t, uint32_t)                                                                                    \
    X(load8_s64, int8_t, uint64_t)                                                                                      \
    X(load16_s64, int16_t, uint64_t)                                                                                    \
    X(load32_s64, int32_t, uint64_t)

// name(type in memory): memory[a + immediate] ← b; `name_i`: the value is in a third word; `name_at`: memory[immediate] ← b.
#define VM_STORE(X)                                                                                                     \
    X(store8, uint8_t)                                                                                                  \
    X(store16, uint16_t)                                                                                                \
    X(store32, uint32_t)                                                                                                \
    X(store64, uint64_t)

// Everything else; the handler in core.c says what each does.
#define VM_OTHER(X)                                                                                                     \
    X(copy) X(copy_range) X(constant) X(constant64) X(select) X(gas) X(br) X(br_table)                                  \
    X(call) X(call_import) X(call_indirect) X(return_none) X(return_slot) X(return_range) X(unreachable)                \
    X(global_get) X(global_set) X(global_get_imported) X(global_set_imported)                                           \
    X(memory_size) X(memory_grow) X(memory_copy) X(memory_fill) X(memory_init) X(data_drop)                             \
    X(table_copy) X(table_init) X(elem_drop)

#define VM_TWO(name, ...) VM_##name, VM_##name##_i,
#define VM_FOUR(name, ...) VM_##name, VM_##name##_i, VM_br_##name, VM_br_##name##_i,
#define VM_ONE(name, ...) VM_##name,
#define VM_LOADS(name, ...) VM_##name, VM_##name##_at,
#define VM_STORES(name, ...) VM_##name, VM_##name##_i, VM_##name##_at,
enum vm_operation {
    VM_ARITHMETIC(VM_TWO) VM_DIVISION(VM_TWO) VM_COMPARISON(VM_FOUR) VM_UNARY(VM_ONE) VM_LOAD(VM_LOADS) VM_STORE(VM_STORES)
    VM_OTHER(VM_ONE) VM_OPERATIONS
};
#undef VM_ONE
#undef VM_TWO
#undef VM_FOUR
#undef VM_LOADS
#undef VM_STORES
#endif
