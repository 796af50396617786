// The interpreter core: one small function per instruction, each of which ends by jumping to the next. The machine's registers
// are the functions' arguments; `preserve_none` lets all of them stay in processor registers.
//
// Why it is safe to run what strangers wrote: the translator emits only code of validated functions, so that slot numbers, targets
// and indices are in range by construction; what only the run knows (addresses, table indices, divisors, depth, gas) is checked here.
#include "interpreter.h"
#include <string.h>

#if !__has_attribute(musttail) || !__has_attribute(preserve_none)
#error "the interpreter needs a compiler with musttail and preserve_none (clang 19 or later)"
#endif
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "linear memory is little-endian");

typedef union word {
    uint64_t bits;
    struct { uint16_t a, b, c, d; };
    struct { uint16_t a_, b_; int32_t immediate; };
    struct { int32_t displacement; uint32_t gas; };
    struct { uint32_t low, high; };
} word;

#define STATE \
    const word *pc, uint64_t *frame, uint8_t *memory, uint64_t memory_size, int64_t gas, uint64_t budget, vm_context *context
#define REGISTERS pc, frame, memory, memory_size, gas, budget, context
#define HANDLER static __attribute__((preserve_none)) void
typedef __attribute__((preserve_none)) void handler(STATE);

#define RARELY(condition) __builtin_expect(!!(condition), 0)
#define GO(function) __attribute__((musttail)) return (function)(REGISTERS)
#define DISPATCH GO((handler *)pc->bits)
#define NEXT(words) do { pc += (words); DISPATCH; } while (0)
#define CHARGE(amount) do { gas -= (int64_t)(amount); if (RARELY(gas < 0)) GO(trap_out_of_gas); } while (0)

#define TRAP_HANDLER(name, code) \
    HANDLER trap_##name(STATE) { context->gas = gas; context->budget = budget; context->trap = code; }
TRAP_HANDLER(unreachable, VM_TRAP_UNREACHABLE)
TRAP_HANDLER(memory_bounds, VM_TRAP_MEMORY_BOUNDS)
TRAP_HANDLER(table_bounds, VM_TRAP_TABLE_BOUNDS)
TRAP_HANDLER(undefined_element, VM_TRAP_UNDEFINED_ELEMENT)
TRAP_HANDLER(uninitialized_element, VM_TRAP_UNINITIALIZED_ELEMENT)
TRAP_HANDLER(signature_mismatch, VM_TRAP_SIGNATURE_MISMATCH)
TRAP_HANDLER(division_by_zero, VM_TRAP_DIVISION_BY_ZERO)
TRAP_HANDLER(integer_overflow, VM_TRAP_INTEGER_OVERFLOW)
TRAP_HANDLER(stack_exhausted, VM_TRAP_STACK_EXHAUSTED)
TRAP_HANDLER(out_of_gas, VM_TRAP_OUT_OF_GAS)

// Numbers.

#define ARITHMETIC(name, type, result) \
    HANDLER do_##name(STATE) { type l = (type)frame[pc[1].b], r = (type)frame[pc[1].c]; frame[pc[1].a] = (type)(result); NEXT(2); } \
    HANDLER do_##name##_i(STATE) { type l = (type)frame[pc[1].b], r = (type)pc[1].immediate; frame[pc[1].a] = (type)(result); NEXT(2); }
VM_ARITHMETIC(ARITHMETIC)

#define DIVIDE(type, overflow, result) \
    if (RARELY(r == 0)) GO(trap_division_by_zero); \
    if (RARELY(overflow)) GO(trap_integer_overflow); \
    frame[pc[1].a] = (type)(result); \
    NEXT(2);
#define DIVISION(name, type, overflow, result) \
    HANDLER do_##name(STATE) { type l = (type)frame[pc[1].b], r = (type)frame[pc[1].c]; DIVIDE(type, overflow, result) } \
    HANDLER do_##name##_i(STATE) { type l = (type)frame[pc[1].b], r = (type)pc[1].immediate; DIVIDE(type, overflow, result) }
VM_DIVISION(DIVISION)

#define BRANCH(condition) \
    if (condition) { CHARGE(pc[2].gas); pc += pc[2].displacement; DISPATCH; } \
    CHARGE(pc[3].low); \
    NEXT(4);
#define COMPARISON(name, type, result) \
    HANDLER do_##name(STATE) { type l = (type)frame[pc[1].b], r = (type)frame[pc[1].c]; frame[pc[1].a] = (result); NEXT(2); } \
    HANDLER do_##name##_i(STATE) { type l = (type)frame[pc[1].b], r = (type)pc[1].immediate; frame[pc[1].a] = (result); NEXT(2); } \
    HANDLER do_br_##name(STATE) { type l = (type)frame[pc[1].a], r = (type)frame[pc[1].b]; BRANCH(result) } \
    HANDLER do_br_##name##_i(STATE) { type l = (type)frame[pc[1].a], r = (type)pc[1].immediate; BRANCH(result) }
VM_COMPARISON(COMPARISON)

#define UNARY(name, type, result) \
    HANDLER do_##name(STATE) { type v = (type)frame[pc[1].b]; frame[pc[1].a] = (type)(result); NEXT(2); }
VM_UNARY(UNARY)

// Memory. An address and an offset of 32 bits each make a sum of 33 bits: nothing wraps.

#define LOAD_FROM(stored, extended, place) \
    uint64_t address = (place); \
    if (RARELY(address + sizeof(stored) > memory_size)) GO(trap_memory_bounds); \
    stored value; \
    memcpy(&value, memory + address, sizeof value); \
    frame[pc[1].a] = (extended)value; \
    NEXT(2);
#define LOAD(name, stored, extended) \
    HANDLER do_##name(STATE) { LOAD_FROM(stored, extended, (uint64_t)(uint32_t)frame[pc[1].b] + pc[1].high) } \
    HANDLER do_##name##_at(STATE) { LOAD_FROM(stored, extended, pc[1].high) }
VM_LOAD(LOAD)

#define STORE_TO(stored, place, source, words) \
    uint64_t address = (place); \
    if (RARELY(address + sizeof(stored) > memory_size)) GO(trap_memory_bounds); \
    stored value = (stored)(source); \
    memcpy(memory + address, &value, sizeof value); \
    NEXT(words);
#define STORE(name, stored) \
    HANDLER do_##name(STATE) { STORE_TO(stored, (uint64_t)(uint32_t)frame[pc[1].a] + pc[1].high, frame[pc[1].b], 2) } \
    HANDLER do_##name##_i(STATE) { STORE_TO(stored, (uint64_t)(uint32_t)frame[pc[1].a] + pc[1].high, pc[2].bits, 3) } \
    HANDLER do_##name##_at(STATE) { STORE_TO(stored, pc[1].high, frame[pc[1].b], 2) }
VM_STORE(STORE)

HANDLER do_memory_size(STATE) { frame[pc[1].a] = memory_size >> 16; NEXT(2); }

// a ← pages before, or -1; b: pages more. Pages that the memory cannot have cost nothing.
HANDLER do_memory_grow(STATE) {
    uint64_t pages = (uint32_t)frame[pc[1].b];
    vm_memory *grown = context->instance->memory;
    if (pages << 16 > grown->capacity - memory_size) {
        frame[pc[1].a] = 0xffffffffu;
        NEXT(2);
    }
    CHARGE(pages * context->gas_per_page);
    frame[pc[1].a] = memory_size >> 16;
    memory_size += pages << 16;
    grown->size = memory_size;
    NEXT(2);
}

// The dynamic part of a bulk operation's gas is taken before the bounds are looked at.
#define CHARGE_BULK(count) CHARGE(((uint64_t)(count) + VM_BULK_UNIT - 1) / VM_BULK_UNIT)

// a: destination, b: source, c: count, as for all bulk operations; d: the segment or the tables' word.
HANDLER do_memory_copy(STATE) {
    uint64_t to = (uint32_t)frame[pc[1].a], from = (uint32_t)frame[pc[1].b], count = (uint32_t)frame[pc[1].c];
    CHARGE_BULK(count);
    if (RARELY(to + count > memory_size || from + count > memory_size)) GO(trap_memory_bounds);
    memmove(memory + to, memory + from, count);
    NEXT(2);
}

HANDLER do_memory_fill(STATE) {
    uint64_t to = (uint32_t)frame[pc[1].a], count = (uint32_t)frame[pc[1].c];
    CHARGE_BULK(count);
    if (RARELY(to + count > memory_size)) GO(trap_memory_bounds);
    memset(memory + to, (uint8_t)frame[pc[1].b], count);
    NEXT(2);
}

HANDLER do_memory_init(STATE) {
    uint64_t to = (uint32_t)frame[pc[1].a], from = (uint32_t)frame[pc[1].b], count = (uint32_t)frame[pc[1].c];
    CHARGE_BULK(count);
    vm_data data = context->instance->data[pc[2].low];
    if (RARELY(to + count > memory_size || from + count > data.count)) GO(trap_memory_bounds);
    if (count) memcpy(memory + to, data.bytes + from, count);
    NEXT(3);
}

HANDLER do_data_drop(STATE) { context->instance->data[pc[1].high].count = 0; NEXT(2); }

// Tables.

HANDLER do_table_copy(STATE) {
    uint64_t to = (uint32_t)frame[pc[1].a], from = (uint32_t)frame[pc[1].b], count = (uint32_t)frame[pc[1].c];
    CHARGE_BULK(count);
    vm_table *target = context->instance->tables[pc[2].low], *source = context->instance->tables[pc[2].high];
    if (RARELY(to + count > target->size || from + count > source->size)) GO(trap_table_bounds);
    memmove(target->elements + to, source->elements + from, count * sizeof *target->elements);
    NEXT(3);
}

HANDLER do_table_init(STATE) {
    uint64_t to = (uint32_t)frame[pc[1].a], from = (uint32_t)frame[pc[1].b], count = (uint32_t)frame[pc[1].c];
    CHARGE_BULK(count);
    vm_table *target = context->instance->tables[pc[2].low];
    vm_elements segment = context->instance->elements[pc[2].high];
    if (RARELY(to + count > target->size || from + count > segment.count)) GO(trap_table_bounds);
    if (count) memcpy(target->elements + to, segment.functions + from, count * sizeof *target->elements);
    NEXT(3);
}

HANDLER do_elem_drop(STATE) { context->instance->elements[pc[1].high].count = 0; NEXT(2); }

// Slots and globals.

HANDLER do_copy(STATE) { frame[pc[1].a] = frame[pc[1].b]; NEXT(2); }
HANDLER do_copy_range(STATE) { memmove(frame + pc[1].a, frame + pc[1].b, pc[1].high * sizeof *frame); NEXT(2); }
HANDLER do_constant(STATE) { frame[pc[1].a] = (uint64_t)(int64_t)pc[1].immediate; NEXT(2); }
HANDLER do_constant64(STATE) { frame[pc[1].a] = pc[2].bits; NEXT(3); }
HANDLER do_select(STATE) { frame[pc[1].a] = (uint32_t)frame[pc[1].d] ? frame[pc[1].b] : frame[pc[1].c]; NEXT(2); }
HANDLER do_global_get(STATE) { frame[pc[1].a] = context->instance->globals[pc[1].high]; NEXT(2); }
HANDLER do_global_set(STATE) { context->instance->globals[pc[1].high] = frame[pc[1].a]; NEXT(2); }
HANDLER do_global_get_imported(STATE) { frame[pc[1].a] = *(uint64_t *)context->instance->globals[pc[1].high]; NEXT(2); }
HANDLER do_global_set_imported(STATE) { *(uint64_t *)context->instance->globals[pc[1].high] = frame[pc[1].a]; NEXT(2); }

// Control.

HANDLER do_gas(STATE) { CHARGE(pc[1].high); NEXT(2); }
HANDLER do_unreachable(STATE) { GO(trap_unreachable); }
HANDLER do_br(STATE) { CHARGE(pc[1].gas); pc += pc[1].displacement; DISPATCH; }

// a: the index; high: the number of the last entry, which is the default. The entries follow.
HANDLER do_br_table(STATE) {
    uint32_t index = (uint32_t)frame[pc[1].a], last = pc[1].high;
    word entry = pc[2 + (index < last ? index : last)];
    CHARGE(entry.gas);
    pc += entry.displacement;
    DISPATCH;
}

// Enters the function whose header is at `callee`; its frame begins with the arguments.
#define ENTER(callee, arguments, back) do { \
        const word *header = (callee); \
        uint64_t *next = (arguments); \
        if (RARELY((uint32_t)budget < header[1].low)) GO(trap_stack_exhausted); \
        uint64_t rest = budget - header[1].bits; \
        if (RARELY((int64_t)rest < 0)) GO(trap_stack_exhausted); \
        budget = rest; \
        CHARGE(header[0].gas); \
        uint64_t *link = next + header[0].a; \
        link[0] = (uint64_t)(back); \
        link[1] = (uint64_t)frame; \
        frame = next; \
        for (uint64_t *local = link + VM_LINK_SLOTS, *end = local + header[0].b; local < end; local++) { \
            *local = 0; \
            __asm__("" : "+r"(local)); /* keeps the loop a loop: most functions have too few locals for a call of memset */ \
        } \
        pc = header + VM_HEADER_WORDS; \
        DISPATCH; \
    } while (0)

// a: where the arguments are and the results will be; immediate: from this instruction to the header.
HANDLER do_call(STATE) { ENTER(pc + pc[1].immediate, frame + pc[1].a, pc + 2); }

// Gives control to the outside and takes it back.
#define OUTSIDE(function, slots, top, words) do { \
        context->gas = gas; \
        context->budget = budget; \
        context->stack_top = frame + (top); \
        vm_instance *self = context->instance; \
        uint32_t trap = context->outside(context, (function), (slots)); \
        context->instance = self; \
        if (RARELY(trap)) { context->trap = trap; return; } \
        gas = context->gas; \
        if (self->memory) memory_size = self->memory->size; \
        NEXT(words); \
    } while (0)

// a: arguments and results; b: slots of the frame; high: the function.
HANDLER do_call_import(STATE) {
    context->expected_type = VM_TYPE_KNOWN;
    OUTSIDE(context->instance->functions[pc[1].high], frame + pc[1].a, pc[1].b, 2);
}

// a: arguments and results; b: slots of the frame; c: the element's number; then {type, table}.
HANDLER do_call_indirect(STATE) {
    vm_table *table = context->instance->tables[pc[2].high];
    uint32_t index = (uint32_t)frame[pc[1].c];
    if (RARELY(index >= table->size)) GO(trap_undefined_element);
    vm_function *function = table->elements[index];
    if (RARELY(!function)) GO(trap_uninitialized_element);
    if (RARELY(function->instance != context->instance)) {
        // Types of different modules are compared by the outside.
        context->expected_type = pc[2].low;
        OUTSIDE(function, frame + pc[1].a, pc[1].b, 3);
    }
    if (RARELY(function->type != pc[2].low)) GO(trap_signature_mismatch);
    if (function->code) ENTER((const word *)function->code, frame + pc[1].a, pc + 3);
    OUTSIDE(function, frame + pc[1].a, pc[1].b, 3);
}

// a: parameters, behind which the link is; b: the first result; c: their number; the next word: what the frame took from the budget.
#define LEAVE(results) do { \
        uint64_t *link = frame + pc[1].a; \
        const word *back = (const word *)link[0]; \
        uint64_t *caller = (uint64_t *)link[1]; \
        budget += pc[2].bits; \
        results; \
        pc = back; \
        frame = caller; \
        DISPATCH; \
    } while (0)
HANDLER do_return_none(STATE) { LEAVE((void)0); }
HANDLER do_return_slot(STATE) { LEAVE(frame[0] = frame[pc[1].b]); }
HANDLER do_return_range(STATE) { LEAVE(memmove(frame, frame + pc[1].b, pc[1].c * sizeof *frame)); }

// Entry and exit.

HANDLER finish(STATE) { context->gas = gas; context->budget = budget; context->trap = VM_TRAP_NONE; }
HANDLER start(STATE) { ENTER(pc, frame, (const word *)context->stack_top); }

#define ADDRESS_ONE(name, ...) do_##name,
#define ADDRESS_TWO(name, ...) do_##name, do_##name##_i,
#define ADDRESS_LOADS(name, ...) do_##name, do_##name##_at,
#define ADDRESS_STORES(name, ...) do_##name, do_##name##_i, do_##name##_at,
#define ADDRESS_FOUR(name, ...) do_##name, do_##name##_i, do_br_##name, do_br_##name##_i,
static handler *const handlers[VM_OPERATIONS] = {
    VM_ARITHMETIC(ADDRESS_TWO) VM_DIVISION(ADDRESS_TWO) VM_COMPARISON(ADDRESS_FOUR) VM_UNARY(ADDRESS_ONE) VM_LOAD(ADDRESS_LOADS)
    VM_STORE(ADDRESS_STORES) VM_OTHER(ADDRESS_ONE)
};

uint64_t vm_handler_word(uint32_t operation) { return (uint64_t)handlers[operation]; }

uint32_t vm_run(vm_context *context, const uint64_t *code, uint64_t *slots) {
    // Where the outermost function returns to.
    word finishing = {.bits = (uint64_t)finish};
    vm_memory *memory = context->instance->memory;
    context->stack_top = (uint64_t *)&finishing;
    start((const word *)code, slots, memory ? memory->base : NULL, memory ? memory->size : 0, context->gas, context->budget, context);
    return context->trap;
}
