/*
 * How long a change takes to reach who waits for it: one connection has a WAIT open, another one SETs the file.
 * Usage: wakes PORT COUNT. Measured from before the SET is sent until the WAIT's reply is there.
 */
#include "latency.h"

static const unsigned char SET[] = "\x10\x02\x22\x02/w\x2a\x01x\x48\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
static const unsigned char REV[] = "\x10\x05";
static const unsigned char WAIT[] = "\x10\x06\x22\x02/w\x48";

static void send_frame(int fd, const unsigned char *body, size_t size) {
  char frame[64];
  uint32_t length = htonl((uint32_t)size);
  memcpy(frame, &length, 4);
  memcpy(frame + 4, body, size);
  if (write(fd, frame, size + 4) != (ssize_t)(size + 4)) exit(1);
}

/* Reads one frame; returns the revision that it begins with, behind the flags where it has any. */
static uint64_t read_revision(int fd) {
  unsigned char frame[256];
  size_t length = 0;
  uint32_t body = 0;
  while (length < 4 || length < 4 + (size_t)body) {
    length += read_some(fd, (char *)frame + length, sizeof frame - length);
    memcpy(&body, frame, 4);
    body = ntohl(body);
  }
  size_t at = frame[4] == 0x10 ? 6 : 4;
  if (frame[at++] != 0x18) exit(1);
  uint64_t revision = 0;
  for (int shift = 0;; shift += 7) {
    revision |= (uint64_t)(frame[at] & 0x7f) << shift;
    if (frame[at++] < 0x80) return revision;
  }
}

static void send_wait(int fd, uint64_t revision) {
  unsigned char body[sizeof WAIT + 10];
  size_t size = sizeof WAIT - 1;
  memcpy(body, WAIT, size);
  for (; revision > 0x7f; revision >>= 7) body[size++] = (unsigned char)(revision | 0x80);
  body[size++] = (unsigned char)revision;
  send_frame(fd, body, size);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  size_t count = (size_t)atol(argv[2]);
  uint64_t *times = calloc(count, sizeof *times);
  if (count == 0 || times == NULL) return 2;
  int waiting = connect_to(argv[1]), writing = connect_to(argv[1]);
  send_frame(writing, REV, sizeof REV - 1);
  uint64_t revision = read_revision(writing);
  for (size_t i = 0; i < count; i++) {
    send_wait(waiting, revision + 1);
    /* Answered when the WAIT is open. */
    send_frame(waiting, REV, sizeof REV - 1);
    read_revision(waiting);
    uint64_t begun = now();
    send_frame(writing, SET, sizeof SET - 1);
    revision = read_revision(waiting);
    times[i] = now() - begun;
    if (read_revision(writing) != revision) return 1;
  }
  print_times(times, count);
  return 0;
}
