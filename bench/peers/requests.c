/*
 * One blocking socket, one request after the other, the same bytes each time, the time of each measured.
 * Usage: requests PORT COUNT REPLY REQUEST. The request is in hexadecimal. REPLY says where a reply ends: `frame` (four
 * bytes of length, big-endian, and as many bytes), `http` (a Content-Length), or the number of its bytes. Exits with 1
 * where a reply is longer than it should be, or says that something was refused.
 */
#include "latency.h"

static char request[65536];
static char reply[65537];

/* The length of a reply of which so much is there; 0 where that cannot be told yet. */
static size_t awaited(const char *form, size_t length) {
  if (strcmp(form, "http") == 0) {
    reply[length] = '\0';
    char *end = strstr(reply, "\r\n\r\n");
    char *body = end ? strstr(reply, "Content-Length: ") : NULL;
    return body ? (size_t)(end - reply) + 4 + (size_t)atol(body + 16) : 0;
  }
  if (strcmp(form, "frame") != 0) return (size_t)atol(form);
  if (length < 4) return 0;
  uint32_t body;
  memcpy(&body, reply, 4);
  return 4 + ntohl(body);
}

static int is_refused(const char *form, size_t length) {
  if (strcmp(form, "http") == 0) return strncmp(reply, "HTTP/1.1 200", 12) != 0;
  /* Field 100, err_code, right behind the tag. */
  if (strcmp(form, "frame") == 0) return length >= 8 && memcmp(reply + 6, "\xa0\x06", 2) == 0;
  return reply[0] == '-';
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const char *form = argv[3];
  size_t count = (size_t)atol(argv[2]), size = strlen(argv[4]) / 2;
  uint64_t *times = calloc(count, sizeof *times);
  if (count == 0 || size > sizeof request || times == NULL) return 2;
  for (size_t i = 0; i < size; i++) {
    unsigned byte;
    if (sscanf(argv[4] + 2 * i, "%2x", &byte) != 1) return 2;
    request[i] = (char)byte;
  }
  int fd = connect_to(argv[1]);
  for (size_t i = 0; i < count; i++) {
    uint64_t begun = now();
    if (write(fd, request, size) != (ssize_t)size) return 1;
    size_t length = 0, whole = 0;
    while (whole == 0 || length < whole) {
      length += read_some(fd, reply + length, sizeof reply - 1 - length);
      whole = awaited(form, length);
    }
    times[i] = now() - begun;
    if (length > whole || is_refused(form, length)) {
      fprintf(stderr, "request %zu was not answered as it should be\n", i);
      return 1;
    }
  }
  print_times(times, count);
  close(fd);
  return 0;
}
