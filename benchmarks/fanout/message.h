/* What client.c and reference.c agree on: the record that asks for a message, and how the message's text begins and
 * ends. saying.py says the same in Python. */
#include <stdint.h>

struct record {
  uint32_t chat, number; /* both count from 1; the number is the message's place in its chat */
  uint64_t stamp;        /* when it was due, nanoseconds of CLOCK_MONOTONIC */
};

#define BEGINNING "%010u %010u %020llu " /* chat, number, stamp */
#define BEGINNING_SIZE 43
#define ENDING "</article>"
