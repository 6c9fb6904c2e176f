/* What the clients that measure requests have in common: a blocking socket, a clock, and what is printed in the end. */
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

static int connect_to(const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
    perror("connect");
    exit(1);
  }
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

/* Nanoseconds. */
static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int by_size(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

/*
 * Four numbers: the seconds that all took, and of one request the microseconds that half of them, 99 % and 99.9 % stay
 * below.
 */
static void print_times(uint64_t *times, size_t count) {
  uint64_t sum = 0;
  for (size_t i = 0; i < count; i++) sum += times[i];
  qsort(times, count, sizeof *times, by_size);
  printf("%.6f %.1f %.1f %.1f\n", (double)sum / 1e9, (double)times[count / 2] / 1e3,
         (double)times[count - count / 100 - 1] / 1e3, (double)times[count - count / 1000 - 1] / 1e3);
}

/* Reads what is there; exits where there is nothing more. */
static size_t read_some(int fd, char *to, size_t size) {
  ssize_t got = read(fd, to, size);
  if (got <= 0) {
    fprintf(stderr, "the server has closed the connection\n");
    exit(1);
  }
  return (size_t)got;
}
