/*
 * The smallest honest client: one blocking socket, one PING after the other, each reply read to its LF and compared.
 * Usage: client PORT COUNT. Exits with 1 at the first reply that differs.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char request[] = "PING\r\n";
static const char reply[] = "+PONG\r\n";

/* Reads up to an LF; returns the line's length, 0 where there is none. Nothing follows a line here that nobody asked for. */
static size_t read_line(int fd, char *line, size_t size) {
  size_t length = 0;
  while (length < size) {
    ssize_t got = read(fd, line + length, size - length);
    if (got <= 0) return 0;
    length += (size_t)got;
    if (memchr(line, '\n', length)) return length;
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
    perror("connect");
    return 1;
  }
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  char line[256];
  for (long left = atol(argv[2]); left > 0; left--) {
    if (write(fd, request, sizeof request - 1) != (ssize_t)(sizeof request - 1)) return 1;
    if (read_line(fd, line, sizeof line) != sizeof reply - 1 || memcmp(line, reply, sizeof reply - 1) != 0) return 1;
  }
  close(fd);
  return 0;
}
