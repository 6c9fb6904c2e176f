/*
 * One blocking socket, one request after the other, the same bytes each time, the time of each measured.
 * Usage: requests PORT COUNT REPLY REQUEST. The request is in hexadecimal. REPLY says where a reply ends: `frame` (four
 * bytes of length, big-endian, and as many bytes), or the number of its bytes. Prints four numbers: the seconds that all
 * took, and of one request the microseconds that half of them, 99 % and 99.9 % stay below. Exits with 1 where a reply is
 * not as long as it should be, or where a frame says that something was refused.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char request[65536];
static char reply[65536];

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int by_size(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

/* The length of a reply of which so much is there; 0 where that cannot be told yet. */
static size_t awaited(const char *form, size_t length) {
  if (strcmp(form, "frame") != 0) return (size_t)atol(form);
  if (length < 4) return 0;
  uint32_t body;
  memcpy(&body, reply, 4);
  return 4 + ntohl(body);
}

static int read_reply(int fd, const char *form) {
  size_t length = 0;
  for (;;) {
    ssize_t got = read(fd, reply + length, sizeof reply - length);
    if (got <= 0) return 0;
    length += (size_t)got;
    size_t whole = awaited(form, length);
    if (whole == 0 || length < whole) continue;
    if (length > whole) return 0;
    /* Field 100, err_code, right behind the tag. */
    return strcmp(form, "frame") != 0 || length < 8 || memcmp(reply + 6, "\xa0\x06", 2) != 0;
  }
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  size_t count = (size_t)atol(argv[2]);
  size_t size = strlen(argv[4]) / 2;
  if (count == 0 || size > sizeof request) return 2;
  for (size_t i = 0; i < size; i++) {
    unsigned byte;
    if (sscanf(argv[4] + 2 * i, "%2x", &byte) != 1) return 2;
    request[i] = (char)byte;
  }
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
    perror("connect");
    return 1;
  }
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  uint64_t *times = malloc(count * sizeof *times);
  if (times == NULL) return 1;
  uint64_t begun = now(), before = begun;
  for (size_t i = 0; i < count; i++) {
    if (write(fd, request, size) != (ssize_t)size || !read_reply(fd, argv[3])) return 1;
    uint64_t after = now();
    times[i] = after - before;
    before = after;
  }
  double seconds = (double)(before - begun) / 1e9;
  qsort(times, count, sizeof *times, by_size);
  printf("%.6f %.1f %.1f %.1f\n", seconds, (double)times[count / 2] / 1e3, (double)times[count - count / 100 - 1] / 1e3,
         (double)times[count - count / 1000 - 1] / 1e3);
  close(fd);
  return 0;
}
