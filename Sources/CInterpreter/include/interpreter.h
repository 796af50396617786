// The interpreter's state and its few entry points. It is in C for one reason: a call in tail position that is guaranteed
// to be a jump (`musttail`) has no spelling in Swift, and it is what makes a threaded interpreter fast and its stack flat.
// Nothing here allocates while it runs, takes a lock, reads a clock or touches a floating point register.
#ifndef TRELLIS_INTERPRETER_H
#define TRELLIS_INTERPRETER_H
#include <stddef.h>
#include <stdint.h>
#include "bytecode.h"

// How a run ended. The numbers are stable.
enum vm_trap {
    VM_TRAP_NONE = 0,
    VM_TRAP_UNREACHABLE = 1,
    VM_TRAP_MEMORY_BOUNDS = 2,
    VM_TRAP_TABLE_BOUNDS = 3,
    VM_TRAP_UNDEFINED_ELEMENT = 4,
    VM_TRAP_UNINITIALIZED_ELEMENT = 5,
    VM_TRAP_SIGNATURE_MISMATCH = 6,
    VM_TRAP_DIVISION_BY_ZERO = 7,
    VM_TRAP_INTEGER_OVERFLOW = 8,
    VM_TRAP_STACK_EXHAUSTED = 9,
    VM_TRAP_OUT_OF_GAS = 10,
    VM_TRAP_HOST = 11, // The host ended the run; it knows why.
};

typedef struct vm_instance vm_instance;
typedef struct vm_context vm_context;

// A linear memory. The address range for `capacity` bytes is reserved at once, so that growing neither moves nor copies.
typedef struct vm_memory {
    uint8_t *base;
    uint64_t size;     // in bytes
    uint64_t capacity; // in bytes; growing beyond it fails
} vm_memory;

// A function of an instance; what a table's element points to.
typedef struct vm_function {
    vm_instance *instance;
    const uint64_t *code; // its header, or null when the host provides it
    uint32_t type;        // equal numbers are equal types within one instance's module
    uint32_t index;
} vm_function;

typedef struct vm_table {
    vm_function **elements;
    uint32_t size;
} vm_table;

// Segments; a dropped one has no length.
typedef struct vm_data {
    const uint8_t *bytes;
    uint64_t count;
} vm_data;
typedef struct vm_elements {
    vm_function **functions;
    uint64_t count;
} vm_elements;

struct vm_instance {
    vm_memory *memory;
    uint64_t *globals; // values; for an imported mutable global the address of its value
    vm_function **functions;
    vm_table **tables;
    vm_data *data;
    vm_elements *elements;
    void *owner;
};

// Runs a function that is not the instance's own code: its arguments are in the slots, its results go there.
typedef uint32_t (*vm_outside)(vm_context *context, vm_function *function, uint64_t *slots);

// One run. `gas` and `budget` are current only while the outside has control.
struct vm_context {
    vm_instance *instance;
    int64_t gas;
    uint64_t budget;     // frames left << 32 | slots left; each below 2³¹
    uint64_t *stack_top; // the first free slot while the outside has control
    vm_outside outside;
    void *owner;
    uint32_t trap;
    uint32_t expected_type; // of an indirect call that goes outside, by the number in the calling instance's module
    uint32_t gas_per_page;  // of memory.grow
};

// A function's code begins with two words: {parameters, other locals, gas of the first segment}, and what a frame takes from the budget.
#define VM_HEADER_WORDS 2
// A frame keeps the caller's position and frame between parameters and other locals.
#define VM_LINK_SLOTS 2
// The expected type of a call that linking has checked.
#define VM_TYPE_KNOWN 0xffffffffu
// Bulk operations cost one gas for this many bytes or elements, begun ones included.
#define VM_BULK_UNIT 16

// The word that begins an instruction.
uint64_t vm_handler_word(uint32_t operation);

// Runs code of `context->instance`, arguments in `slots`, and leaves the results there. There must be room in `slots` for what the
// budget allows. Returns how it ended.
uint32_t vm_run(vm_context *context, const uint64_t *code, uint64_t *slots);

// Reserves address space; `base` is null when there is none.
vm_memory vm_memory_reserve(uint64_t size, uint64_t capacity);
void vm_memory_release(vm_memory memory);
#endif
