// CRC-32C (Castagnoli, reflected polynomial 0x82f63b78; RFC 3720 appendix B.4): the checksum of records on disk. It is in C
// because the processor's instruction has no spelling in Swift.
#ifndef TRELLIS_CRC32C_H
#define TRELLIS_CRC32C_H
#include <stddef.h>
#include <stdint.h>

// Continues `crc`, the checksum of what came before (0 at the start), over `length` bytes.
uint32_t trellis_crc32c(uint32_t crc, const void *bytes, size_t length);

// The same from a table: the fallback on processors without the instruction, and the reference that tests compare with.
uint32_t trellis_crc32c_portable(uint32_t crc, const void *bytes, size_t length);
#endif
