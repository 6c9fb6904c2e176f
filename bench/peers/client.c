/*
 * The smallest honest client: one blocking socket, one request after the other, each reply read to its end and compared.
 * Usage: client PORT COUNT ping|echo. `echo` sends another number each time. Exits with 1 at the first reply that differs.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Reads `size` bytes, or up to where the connection ends; returns how many. */
static size_t read_whole(int fd, char *text, size_t size) {
  size_t length = 0;
  while (length < size) {
    ssize_t got = read(fd, text + length, size - length);
    if (got <= 0) break;
    length += (size_t)got;
  }
  return length;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int is_echo = strcmp(argv[3], "echo") == 0;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
    perror("connect");
    return 1;
  }
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  long count = atol(argv[2]);
  for (long i = 0; i < count; i++) {
    char number[32], request[64], reply[64], text[64];
    int digits = snprintf(number, sizeof number, "%ld", i);
    int asks = is_echo ? snprintf(request, sizeof request, "ECHO %s\r\n", number)
                       : snprintf(request, sizeof request, "PING\r\n");
    int due = is_echo ? snprintf(reply, sizeof reply, "$%d\r\n%s\r\n", digits, number)
                      : snprintf(reply, sizeof reply, "+PONG\r\n");
    if (write(fd, request, (size_t)asks) != asks) return 1;
    if (read_whole(fd, text, (size_t)due) != (size_t)due || memcmp(text, reply, (size_t)due) != 0) return 1;
  }
  close(fd);
  return 0;
}
